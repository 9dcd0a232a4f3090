import { CommanderError } from 'commander';
import { SettingsError } from '../app/settings.ts';
import { ConnectionError, ProblemError } from '../client/client.ts';
import { messageOf } from '../core/message-of.ts';
import { redactText } from '../core/redact.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { oneLine } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** What went wrong with a job that the server had taken already. */
export class HandedInError extends Error {
  /** Its address. */
  readonly job: string;

  constructor(job: string, cause: unknown) {
    super(`The job was handed in: ${job}`, { cause });
    this.name = 'HandedInError';
    this.job = job;
  }
}

/** An error as a person or a script gets to see it: a line on stderr, or with `--json` a document on stdout. */
interface Report {
  readonly code: ExitCode;
  readonly lines: readonly string[];
  readonly document: Readonly<Record<string, unknown>>;
}

/** Tells what went wrong and answers with the exit code for it. */
export function reportError(error: unknown, json: boolean): ExitCode {
  // Help and version were asked for; Commander has written its own errors already.
  if (error instanceof CommanderError && (error.exitCode === 0 || !json))
    return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
  const { code, lines, document } = reportOf(error);
  if (json) process.stdout.write(`${redactText(JSON.stringify({ error: document }, null, 2))}\n`);
  else process.stderr.write(`${redactText(lines.join('\n'))}\n`);
  return code;
}

export function reportOf(error: unknown): Report {
  if (error instanceof CommanderError) return usage([error.message.replace(/^error: /, '')]);
  if (error instanceof HandedInError) {
    const { code, lines, document } = reportOf(error.cause);
    return { code, lines: [...lines, error.message], document: { ...document, job: error.job } };
  }
  if (error instanceof UsageError) return usage([error.message]);
  if (error instanceof SettingsError) return usage(error.problems);
  if (error instanceof ProblemError) return refused(error);
  if (error instanceof ConnectionError) {
    const advice = 'Is the server running? "coatcheck serve" starts one; --server or COATCHECK_SERVER names another.';
    return {
      code: exitCodes.unreachable,
      lines: [`${error.message} ${advice}`],
      document: { title: 'No answer', detail: error.message },
    };
  }
  const detail = messageOf(error);
  return { code: exitCodes.failed, lines: [detail], document: { title: 'It failed', detail } };
}

function usage(problems: readonly string[]): Report {
  return { code: exitCodes.wrongUsage, lines: problems, document: { title: 'Wrong usage', detail: problems.join('\n') } };
}

function refused({ type, title, status, detail, instance, traceId, errors }: ProblemError): Report {
  // Where the detail is about a field, it says in the words of JSON what the fields say in those of a command line.
  const isOfField = errors.some((field) => detail.startsWith(field.pointer) || detail === field.detail);
  const told = isOfField ? [] : [oneLine(detail)];
  const fields = errors.map((field) => `${flagOf(field.pointer)}: ${oneLine(field.detail)}`);
  const [first, ...more] = [...told, ...fields];
  const document = { type, title, status, detail, instance, traceId, ...(errors.length === 0 ? {} : { errors }) };
  return { code: exitCodes.failed, lines: [`The server refused it: ${first}`, ...more.map((line) => `  ${line}`)], document };
}

/** `#/options/width` as it is written on a command line: `--width`; a member of a list as the list. */
function flagOf(pointer: string): string {
  const name = /^#\/options\/([^/]+)/.exec(pointer)?.[1] ?? /^#\/(priority)$/.exec(pointer)?.[1];
  return name === undefined ? pointer.replace(/^#\//, '') : `--${name}`;
}
