import { mkdir, stat } from 'node:fs/promises';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { ProgressLine, ProgressLines } from './progress-lines.ts';
import { reportOf } from './report-error.ts';
import type { SubmitFlags } from './submit-flags.ts';
import { type JobReport, jobLines } from './submit-report.ts';
import { type NamedSource, openSource } from './submit-source.ts';
import { oneLine, terminalOf } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** Files that are handed in, and waited for, at once. */
const filesAtOnce = 4;

/** From the best outcome to the worst: of several files the worst decides. */
const severity: readonly ExitCode[] = [
  exitCodes.done,
  exitCodes.stopped,
  exitCodes.failed,
  exitCodes.wrongUsage,
  exitCodes.unreachable,
];

export interface SubmitMany {
  readonly files: readonly string[];
  readonly flags: SubmitFlags;
  readonly lines: ProgressLines;
  readonly signal: AbortSignal;
  /** Carries out one file to its end, as far as the flags ask for. */
  readonly carryOut: (file: NamedSource, line: ProgressLine) => Promise<JobReport>;
}

/** Hands in several files, a few at a time; tells of each as soon as it is known. Answers with the worst outcome. */
export async function submitMany({ files, flags, lines, signal, carryOut }: SubmitMany): Promise<ExitCode> {
  if (flags.output !== null) await makeOutputFolder(flags.output);
  // A name that is written wrongly is told before anything is sent.
  const sources: NamedSource[] = [];
  for (const file of files) {
    if (file === '-') throw new UsageError('Standard input ("-") can only be handed in alone.');
    sources.push(await openSource(file));
  }
  const waiting = sources.entries();
  let worst: ExitCode = exitCodes.done;
  const note = (code: ExitCode) => {
    if (severity.indexOf(code) > severity.indexOf(worst)) worst = code;
  };

  async function slot(): Promise<void> {
    for (const [index, source] of waiting) {
      if (signal.aborted) return note(exitCodes.stopped);
      const line = lines.line();
      try {
        const report = await carryOut(source, line);
        line.clear();
        lines.pause(() => tell(report, files[index] ?? source.name, flags));
        note(codeOf(report));
      } catch (error) {
        line.clear();
        lines.pause(() => tellError(signal.aborted ? stoppedError() : error, files[index] ?? source.name, flags));
        note(signal.aborted ? exitCodes.stopped : reportOf(error).code);
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(filesAtOnce, sources.length) }, slot));
  return worst;
}

async function makeOutputFolder(output: string): Promise<void> {
  if (output === '-') throw new UsageError('Several files need a folder: name one with --output, not "-".');
  const found = await stat(output).catch(() => null);
  if (found !== null && !found.isDirectory())
    throw new UsageError(`${output} is a file: several files need a folder as --output.`);
  if (found === null) await mkdir(output, { recursive: true });
}

function codeOf({ job }: JobReport): ExitCode {
  if (job.state === 'failed') return exitCodes.failed;
  return job.state === 'canceled' ? exitCodes.stopped : exitCodes.done;
}

function tell(report: JobReport, file: string, { json, server }: SubmitFlags): void {
  const { job, name: _name, ...more } = report;
  const out = terminalOf(process.stdout, process.env);
  if (json) out.write(`${JSON.stringify({ file, ...job, ...more })}\n`);
  else out.write(`${jobLines(report, server, out).join('\n')}\n`);
}

function tellError(error: unknown, file: string, { json }: SubmitFlags): void {
  const { lines, document } = reportOf(error);
  if (json) return void process.stdout.write(`${JSON.stringify({ file, error: document })}\n`);
  const err = terminalOf(process.stderr, process.env);
  err.write(`${err.mark('problem')} ${oneLine(file)}: ${lines.join('\n')}\n`);
}

function stoppedError(): Error {
  return new Error('Stopped before it was done; a job that was handed in goes on.');
}
