import type { Command } from 'commander';
import type { Client, JobView, ServiceView } from '../client/client.ts';
import type { JsonObject } from '../core/json.ts';
import { nearestName } from '../core/nearest-name.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { follow } from './follow.ts';
import { defaultServer, openClient } from './open-client.ts';
import { prepareOutput } from './prepare-output.ts';
import { createProgressLines, forPeople, noProgress, type ProgressLine, type ProgressLines } from './progress-lines.ts';
import { HandedInError } from './report-error.ts';
import { saveOutputs } from './save-outputs.ts';
import { readSubmitWords } from './service-options.ts';
import { withStopSignal } from './stop-signal.ts';
import { collect, readSubmitFlags, type SubmitFlags } from './submit-flags.ts';
import { submitMany } from './submit-many.ts';
import { address, type JobReport, reportJob, reportStopped } from './submit-report.ts';
import { isOfTheFile, type NamedSource, openSource } from './submit-source.ts';
import { terminalOf } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const help = `
Options of the service are flags, too: --width 200 --format webp
--sizes '[{"width":64,"height":64}]'. A list is JSON or its members with
commas, a switch needs no value (--animated, --no-animated).

--output FILE   one output is saved as FILE, several as FILE-1, FILE-2, …
                before the extension; FILE is a folder (or ends with /): each
                under its own name; "-": standard output.
                A service that makes no files has its result saved as JSON, or
                its text alone where FILE ends with .txt.

Several files are handed in a few at a time; --output is then a folder, and
the exit code tells the worst outcome.
`;

/** `coatcheck submit FILE… --service NAME`: hands in files and, when asked, waits for the results and saves them. */
export function addSubmit(program: Command, exit: (code: ExitCode) => void): void {
  const command = program
    .command('submit')
    .description(
      'Hand in files ("-" is standard input), or links, which the server fetches; each is handed in once, however often the connection breaks.',
    )
    .argument('[FILE...]', 'files, links, or "-"')
    .requiredOption('--service <name>', 'what is to be done with it')
    .option('--wait', 'wait until the job has ended')
    .option('--output <file>', 'save what the job made (waits)')
    .option('--timeout <duration>', 'stop waiting after 90s, 10m, …; the job goes on')
    .option('--label <key=value>', 'give the job a label; may be repeated', collect)
    .option('--priority <number>', 'before jobs of a lower one; 0 unless given')
    .option('--fresh', 'run it even where the result is known already')
    .option('--server <url>', `the server (COATCHECK_SERVER; default ${defaultServer})`)
    .option('--json', 'one JSON document on standard output; for several files one in a line each')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', help + exitCodesHelp);
  command.action(async () => exit(await submitWords(command.args, readSubmitFlags(command.opts(), process.env))));
}

function submitWords(words: readonly string[], flags: SubmitFlags): Promise<ExitCode> {
  return withStopSignal(async (stopped) => {
    const signal = flags.timeoutMs === null ? stopped : AbortSignal.any([stopped, AbortSignal.timeout(flags.timeoutMs)]);
    const run = new SubmitRun(flags, signal);
    try {
      return await run.carryOut(words);
    } catch (error) {
      if (!signal.aborted) throw error;
      return run.tellStopped();
    } finally {
      run.lines.clear();
    }
  });
}

/** A server that is started anew may be away for half a minute: a job that was handed in is asked for until then. */
const followAttemptsMax = 12;

/** One run of the command; remembers the job, so that it can be named when the waiting is broken off. */
class SubmitRun {
  readonly lines: ProgressLines;
  readonly #flags: SubmitFlags;
  readonly #signal: AbortSignal;
  readonly #client: Client;
  readonly #following: Client;
  #job: JobView | null = null;

  constructor(flags: SubmitFlags, signal: AbortSignal) {
    this.#flags = flags;
    this.#signal = signal;
    this.#client = openClient(flags.server);
    this.#following = openClient(flags.server, { attemptsMax: followAttemptsMax });
    this.lines = flags.json ? noProgress : createProgressLines(terminalOf(process.stderr, process.env), forPeople);
  }

  async carryOut(words: readonly string[]): Promise<ExitCode> {
    const { service, operands, options } = await this.#read(words);
    if (operands.length > 1) return this.#carryOutMany(service, operands, options);
    if (this.#flags.output !== null) await prepareOutput(this.#flags.output, false);
    const file = operands[0] === undefined ? { source: null, name: service.name } : await openSource(operands[0]);
    return this.#tell(await this.#carryOutOne(service, file, options, this.lines.line(), new Set()));
  }

  #carryOutMany(service: ServiceView, files: readonly string[], options: JsonObject): Promise<ExitCode> {
    const taken = new Set<string>();
    const carryOut = (file: NamedSource, line: ProgressLine) => this.#carryOutOne(service, file, options, line, taken);
    return submitMany({ files, flags: this.#flags, lines: this.lines, signal: this.#signal, carryOut });
  }

  /** Hands in a file; waits for the job and saves its outputs where that is asked for. */
  async #carryOutOne(
    service: ServiceView,
    file: NamedSource,
    options: JsonObject,
    line: ProgressLine,
    taken: Set<string>,
  ): Promise<JobReport> {
    const { wait, output, server } = this.#flags;
    const job = await this.#handIn(service, file, options, line);
    this.#job = job;
    if (!wait && output === null) return { job, name: file.name };
    try {
      return await this.#await(job, file.name, line, taken);
    } catch (error) {
      throw new HandedInError(address(server, job.links.self), error);
    }
  }

  async #await(job: JobView, name: string, line: ProgressLine, taken: Set<string>): Promise<JobReport> {
    const { output } = this.#flags;
    const ended = await follow(this.#following, job, name, line, this.#signal);
    if (ended.state !== 'succeeded') return { job: ended, name };
    const result = await this.#following.result(job.id, { signal: this.#signal });
    if (output === null) return { job: ended, name, result };
    const saved = await saveOutputs(this.#following, { result, name }, output, this.#signal, taken);
    return { job: ended, name, result, saved };
  }

  /** Tells that the waiting was broken off. */
  tellStopped(): ExitCode {
    this.lines.clear();
    reportStopped(this.#job, this.#flags);
    return exitCodes.stopped;
  }

  #tell(report: JobReport): ExitCode {
    this.lines.clear();
    reportJob(report, this.#flags);
    if (report.job.state === 'failed') return exitCodes.failed;
    return report.job.state === 'canceled' ? exitCodes.stopped : exitCodes.done;
  }

  async #read(words: readonly string[]): Promise<{ service: ServiceView; operands: readonly string[]; options: JsonObject }> {
    const service = serviceOf(await this.#client.services({ signal: this.#signal }), this.#flags.service);
    const { operands, options } = readSubmitWords(words, service.name, service.options);
    if (service.accepts.length === 0 && operands.length > 0) throw new UsageError(`The service ${service.name} takes no FILE.`);
    if (service.accepts.length > 0 && operands.length === 0)
      throw new UsageError(`The service ${service.name} needs a FILE (or "-", or a link).`);
    return { service, operands, options };
  }

  async #handIn(service: ServiceView, { source, name }: NamedSource, options: JsonObject, line: ProgressLine): Promise<JobView> {
    const { labels, priority, fresh } = this.#flags;
    const handedIn = this.#client.submit({
      service: service.name,
      source,
      name,
      options,
      labels,
      ...(priority === null ? {} : { priority }),
      ...(fresh ? { fresh } : {}),
      signal: this.#signal,
      onUpload: (sent, total) => line.show(name, total === null ? null : sent / total, 'uploading'),
    });
    try {
      return await handedIn;
    } catch (error) {
      if (isOfTheFile(error))
        throw new UsageError(`${name} could not be read to its end: it was changed or removed while it was sent.`);
      throw error;
    } finally {
      line.clear();
    }
  }
}

function serviceOf(services: readonly ServiceView[], name: string): ServiceView {
  const service = services.find((one) => one.name === name);
  if (service !== undefined) return service;
  const names = services.map((one) => one.name);
  const near = nearestName(name, names);
  throw new UsageError(
    `There is no service "${name}".${near === null ? '' : ` Did you mean ${near}?`} The server has ${names.join(', ') || 'none'}.`,
  );
}
