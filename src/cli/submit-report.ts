import type { JobView } from '../client/client.ts';
import type { SavedFile } from './save-outputs.ts';
import type { SubmitFlags } from './submit-flags.ts';
import { oneLine, type Terminal, terminalOf } from './terminal.ts';

/** What became of a submitted job, as far as was waited for. */
export interface JobReport {
  readonly job: JobView;
  /** What the person called it: the name of the file. */
  readonly name: string;
  readonly result?: unknown;
  readonly saved?: readonly SavedFile[];
}

/** Tells on standard output, which `--output -` keeps free for the file. */
export function reportJob(report: JobReport, { json, output, server }: SubmitFlags): void {
  const { job, name: _name, ...more } = report;
  const out = terminalOf(process.stdout, process.env);
  if (json) out.write(`${JSON.stringify({ ...job, ...more }, null, 2)}\n`);
  else if (output !== '-' || job.state !== 'succeeded') out.write(`${jobLines(report, server, out).join('\n')}\n`);
}

export function reportStopped(job: JobView | null, { json, server }: SubmitFlags): void {
  const detail =
    job === null
      ? 'Stopped before the job was handed in.'
      : `Stopped waiting; the job goes on: ${address(server, job.links.self)}`;
  if (json) process.stdout.write(`${JSON.stringify({ error: { title: 'Stopped', detail }, job }, null, 2)}\n`);
  else process.stderr.write(`${detail}\n`);
}

/** What a person gets to read about a job. */
export function jobLines({ job, name, saved = [] }: JobReport, server: string, { mark, paint }: Terminal): string[] {
  const what = `${oneLine(name)}: ${job.service}`;
  const line = (word: string, value: string) => `  ${paint('dim', word.padEnd(7))} ${value}`;
  const place = (word: string, link: string) => line(word, address(server, link));
  switch (job.state) {
    case 'failed':
      return [
        `${mark('problem')} ${what} failed: ${oneLine(job.error?.detail ?? 'no reason is known')}`,
        place('job', job.links.self),
      ];
    case 'canceled':
      return [`${mark('note')} ${what} was canceled`];
    case 'succeeded': {
      const known = job.reusedFrom === null ? '' : ' (the result was known already)';
      const places =
        saved.length > 0
          ? saved.map(({ path }) => line('saved', path ?? '-'))
          : [place('result', job.links.result ?? job.links.self)];
      return [`${mark('ok')} ${what} is done${known}`, ...places];
    }
    default:
      return [`${mark('ok')} ${what} is ${job.state}`, place('job', job.links.self), place('result', job.links.queue)];
  }
}

/** Where a link of the server leads. */
export function address(server: string, link: string): string {
  return new URL(link, server).href;
}
