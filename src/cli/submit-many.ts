import { type ExitCode, exitCodes } from './exit-codes.ts';
import { prepareOutput } from './prepare-output.ts';
import type { ProgressLine, ProgressLines } from './progress-lines.ts';
import { HandedInError, reportOf } from './report-error.ts';
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
  if (flags.output !== null) await prepareOutput(flags.output, true);
  // A name that is written wrongly is told before anything is sent.
  const sources: NamedSource[] = [];
  for (const file of files) {
    if (file === '-') throw new UsageError('Standard input ("-") can only be handed in alone.');
    sources.push(await openSource(file));
  }
  const waiting = sources.entries();
  const left: string[] = [];
  let worst: ExitCode = exitCodes.done;
  const note = (code: ExitCode) => {
    if (severity.indexOf(code) > severity.indexOf(worst)) worst = code;
  };

  async function slot(): Promise<void> {
    for (const [index, source] of waiting) {
      const file = files[index] ?? source.name;
      if (signal.aborted) {
        left.push(file);
        continue;
      }
      const line = lines.line();
      try {
        const report = await carryOut(source, line);
        line.clear();
        lines.pause(() => tell(report, file, flags));
        note(codeOf(report));
      } catch (error) {
        line.clear();
        lines.pause(() => tellError(signal.aborted ? stoppedError(error) : error, file, flags));
        note(signal.aborted ? exitCodes.stopped : reportOf(error).code);
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(filesAtOnce, sources.length) }, slot));
  if (left.length === 0) return worst;
  tellLeft(left, flags);
  note(exitCodes.stopped);
  return worst;
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

function tellLeft(files: readonly string[], flags: SubmitFlags): void {
  if (flags.json) {
    for (const file of files) tellError(stoppedError(null), file, flags);
    return;
  }
  const err = terminalOf(process.stderr, process.env);
  err.write(`${err.mark('note')} ${files.length === 1 ? 'One file was' : `${files.length} files were`} not handed in.\n`);
}

/** What is said of a file at which the run was broken off. */
function stoppedError(error: unknown): Error {
  const said =
    error instanceof HandedInError ? `Stopped waiting; the job goes on: ${error.job}` : 'Stopped before it was handed in.';
  return new Error(said);
}
