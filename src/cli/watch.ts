import type { Command } from 'commander';
import { type Client, createClient, type JobsEvent } from '../client/client.ts';
import { watchedJobsMax } from '../client/watch-jobs.ts';
import { type ExitCode, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { createJobLines, type JobLines } from './job-lines.ts';
import { defaultServer } from './submit-flags.ts';
import { terminalOf } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** `coatcheck watch [JOB…]`: shows how far jobs are until they have ended, or what happens to all jobs. */
export function addWatch(program: Command, exit: (code: ExitCode) => void): void {
  const command = program
    .command('watch')
    .description('Watch jobs until all of them have ended; without a JOB all jobs, until Ctrl-C.')
    .argument('[JOB...]')
    .option('--server <url>', `the server (COATCHECK_SERVER; default ${defaultServer})`)
    .option('--json', 'one JSON document a line for each event')
    .addHelpText('after', exitCodesHelp);
  command.action(async (jobs: string[]) => {
    const { server, json } = command.opts<{ server?: string; json?: boolean }>();
    exit(await watchWords(jobs, clientOf(server ?? (process.env.COATCHECK_SERVER || defaultServer)), json === true));
  });
}

async function watchWords(words: readonly string[], client: Client, json: boolean): Promise<ExitCode> {
  const jobs = [...new Set(words.map((word) => word.toLowerCase()))];
  if (jobs.length > watchedJobsMax)
    throw new UsageError(`At most ${watchedJobsMax} jobs can be named; without any, all are watched.`);
  const stopped = new AbortController();
  const onSignal = () => stopped.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const view = json
    ? jsonView()
    : linesView(createJobLines(terminalOf(process.stdout, process.env)), await namesOf(client, jobs));
  try {
    for await (const event of client.watchJobs(jobs.length === 0 ? 'all' : jobs, { signal: stopped.signal })) view.tell(event);
    return view.exitCode();
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    return jobs.length === 0 ? exitCodes.done : exitCodes.stopped;
  } finally {
    view.clear();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** What people know the jobs by. Throws where one of them is not there. */
async function namesOf(client: Client, jobs: readonly string[]): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const id of jobs) {
    const { source, service } = await client.job(id);
    names.set(id, `${source?.name ?? id}: ${service}`);
  }
  return names;
}

interface View {
  tell(event: JobsEvent): void;
  /** By how the jobs have ended. */
  exitCode(): ExitCode;
  clear(): void;
}

/** Remembers how each job ended last. */
function outcomes(): Pick<View, 'tell' | 'exitCode'> {
  const ends = new Map<string, JobsEvent['type']>();
  return {
    tell(event) {
      if ('job' in event && event.type !== 'job.progress') ends.set(event.job, event.type);
    },
    exitCode() {
      const types = [...ends.values()];
      if (types.includes('job.failed')) return exitCodes.failed;
      return types.some((type) => type === 'job.canceled' || type === 'job.removed') ? exitCodes.stopped : exitCodes.done;
    },
  };
}

function jsonView(): View {
  const { tell, exitCode } = outcomes();
  return {
    tell(event) {
      tell(event);
      process.stdout.write(`${JSON.stringify(event)}\n`);
    },
    exitCode,
    clear: () => undefined,
  };
}

function linesView(lines: JobLines, names: ReadonlyMap<string, string>): View {
  const { tell, exitCode } = outcomes();
  return {
    tell(event) {
      tell(event);
      if (event.type === 'resync') return;
      show(lines, names.get(event.job) ?? event.job, event);
    },
    exitCode,
    clear: () => lines.clear(),
  };
}

/** What is said of a job that goes on. */
const going: Readonly<Partial<Record<JobsEvent['type'], readonly [fraction: number | null, message: string | null]>>> = {
  'job.queued': [null, 'waiting'],
  'job.started': [0, null],
  'job.retrying': [null, 'the attempt failed; waiting for the next'],
  'job.released': [null, 'waiting for another worker'],
};

/** What is said of a job that has ended. */
const over: Readonly<Partial<Record<JobsEvent['type'], readonly [mark: Parameters<JobLines['finish']>[2], message: string]>>> = {
  'job.succeeded': ['ok', 'done'],
  'job.failed': ['problem', 'failed'],
  'job.canceled': ['note', 'canceled'],
  'job.removed': ['note', 'deleted'],
};

function show(lines: JobLines, label: string, event: Exclude<JobsEvent, { type: 'resync' }>): void {
  const { job, type } = event;
  const shown = type === 'job.progress' ? ([event.data.fraction, event.data.message] as const) : going[type];
  if (shown !== undefined) lines.show(job, label, ...shown);
  const end = over[type];
  if (end !== undefined)
    lines.finish(job, label, end[0], type === 'job.failed' ? `failed: ${detailOf(event.data.error)}` : end[1]);
}

function detailOf(error: unknown): string {
  return error !== null && typeof error === 'object' && 'detail' in error ? String(error.detail) : 'no reason is known';
}

function clientOf(server: string): Client {
  try {
    return createClient({ baseUrl: server });
  } catch {
    throw new UsageError(`The server "${server}" is no address such as ${defaultServer}.`);
  }
}
