import type { Command } from 'commander';
import { type Client, type JobsEvent, ProblemError } from '../client/client.ts';
import { watchedJobsMax } from '../client/watch-jobs.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { showEvent } from './follow.ts';
import { defaultServer, openClient, serverOf } from './open-client.ts';
import { createProgressLines, type ProgressLine } from './progress-lines.ts';
import { withStopSignal } from './stop-signal.ts';
import { oneLine, type Terminal, terminalOf } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** `coatcheck watch [JOB…]`: shows how far jobs are until they have ended, or what happens to all jobs. */
export function addWatch(program: Command, exit: (code: ExitCode) => void): void {
  const command = program
    .command('watch')
    .description('Watch jobs until all of them have ended; without a JOB all jobs, until Ctrl-C.')
    .argument('[JOB...]', 'ids of jobs')
    .option('--server <url>', `the server (COATCHECK_SERVER; default ${defaultServer})`)
    .option('--json', 'one JSON document a line for each event')
    .addHelpText('after', exitCodesHelp);
  command.action(async (words: string[]) => {
    const { server, json } = command.opts<{ server?: string; json?: boolean }>();
    const client = openClient(serverOf(server, process.env));
    exit(await withStopSignal((signal) => watchWords(words, client, json === true, signal)));
  });
}

async function watchWords(words: readonly string[], client: Client, json: boolean, signal: AbortSignal): Promise<ExitCode> {
  const jobs = [...new Set(words.map((word) => word.toLowerCase()))];
  if (jobs.length > watchedJobsMax)
    throw new UsageError(`At most ${watchedJobsMax} jobs can be named; without any, all are watched.`);
  const out = terminalOf(process.stdout, process.env);
  const view = json ? jsonView(out) : linesView(out, client);
  // A name that is written wrongly is told before anything else.
  for (const job of jobs) await view.expect(job);
  const ends = new Map<string, JobsEvent['type']>();
  try {
    if (jobs.length === 0 && !json) process.stderr.write('Watching all jobs; Ctrl-C ends it.\n');
    for await (const event of client.watchJobs(jobs.length === 0 ? 'all' : jobs, { signal })) {
      if (jobs.length > 0 && 'job' in event && event.type !== 'job.progress') ends.set(event.job, event.type);
      await view.tell(event);
    }
    return exitCodeOf(ends.values());
  } catch (error) {
    if (!signal.aborted) throw error;
    if (jobs.length === 0) return exitCodes.done;
    view.clear();
    if (!json) process.stderr.write('Stopped watching; the jobs go on.\n');
    return exitCodes.stopped;
  } finally {
    view.clear();
  }
}

/** By how the jobs have ended. */
function exitCodeOf(ends: Iterable<JobsEvent['type']>): ExitCode {
  const types = new Set(ends);
  if (types.has('job.failed')) return exitCodes.failed;
  return types.has('job.canceled') || types.has('job.removed') ? exitCodes.stopped : exitCodes.done;
}

interface View {
  /** Throws where the job is not there. */
  expect(job: string): Promise<void>;
  tell(event: JobsEvent): Promise<void>;
  clear(): void;
}

function jsonView(out: Terminal): View {
  return {
    expect: async () => undefined,
    tell: async (event) => out.write(`${JSON.stringify(event)}\n`),
    clear: () => undefined,
  };
}

/** What is said of a job that has ended. */
const over: Readonly<Partial<Record<JobsEvent['type'], readonly [mark: Parameters<Terminal['mark']>[0], message: string]>>> = {
  'job.succeeded': ['ok', 'done'],
  'job.failed': ['problem', 'failed'],
  'job.canceled': ['note', 'canceled'],
  'job.removed': ['note', 'deleted'],
};

function linesView(out: Terminal, client: Client): View {
  const lines = createProgressLines(out);
  const going = new Map<string, { readonly label: string; readonly line: ProgressLine }>();

  /** On a terminal the name is enough while it goes on; elsewhere every line begins with the id, for other programs. */
  function begin(job: string, name: string) {
    const shown = { label: out.interactive ? name : `${job}  ${name}`, line: lines.line() };
    going.set(job, shown);
    return shown;
  }

  async function nameOf(job: string): Promise<string> {
    const { source, service } = await client.job(job);
    const name = source?.name ?? source?.url;
    return name === undefined ? service : `${name}: ${service}`;
  }

  return {
    async expect(job) {
      const name = await nameOf(job).catch((error: unknown) => {
        throw error instanceof ProblemError && error.status === 404 ? new Error(`There is no job ${oneLine(job)}.`) : error;
      });
      begin(job, name);
    },
    async tell(event) {
      if (event.type === 'resync') return lines.pause(() => out.write('More than 24 hours were missed.\n'));
      const { job, type } = event;
      // A job that was deleted has no name any more.
      const { label, line } = going.get(job) ?? begin(job, await nameOf(job).catch(() => 'job'));
      showEvent(line, label, event);
      const end = over[type];
      if (end === undefined) return;
      line.clear();
      going.delete(job);
      const message = type === 'job.failed' ? `failed: ${detailOf(event.data.error)}` : end[1];
      const told = oneLine(`${label}  ${message}`);
      lines.pause(() => out.write(out.interactive ? `${out.mark(end[0])} ${told}  ${out.paint('dim', job)}\n` : `${told}\n`));
    },
    clear: () => lines.clear(),
  };
}

function detailOf(error: unknown): string {
  return error !== null && typeof error === 'object' && 'detail' in error ? String(error.detail) : 'no reason is known';
}
