/** Hands files to a server process as jobs, many at once, and watches what that does to the server. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isErrorCode } from '../../src/core/errors.ts';
import type { Json, JsonObject } from '../../src/core/json.ts';
import { limits } from '../../src/core/limits.ts';
import { eventually, type Program } from './program.ts';

export type ServiceName = 'thumbnails' | 'ocr' | 'tables';

export interface Trial {
  readonly name: string;
  readonly service: ServiceName;
  readonly bytes: Buffer;
  /** Options of the service, as in a query. */
  readonly options?: Readonly<Record<string, string>>;
}

/** How a trial went: refused at once, or a job that ended. */
export interface Ending {
  readonly trial: Trial;
  readonly kind: 'refused' | 'failed' | 'succeeded';
  /** The slug of the problem; null where there was a result. */
  readonly problem: string | null;
  readonly detail: string;
  readonly result: JsonObject | null;
  /** Of the attempt: the seconds that it ran, and the most memory that its executor was seen to take (0: too short to tell). */
  readonly seconds: number;
  readonly peakBytes: number;
}

/** What a decoder, a limit or a password may make of a file. Anything else is a fault of the server. */
const typed: Readonly<Record<Exclude<Ending['kind'], 'succeeded'>, readonly string[]>> = {
  refused: ['unsupported-media-type', 'media-limits-exceeded', 'empty-file'],
  failed: [
    'unprocessable-media',
    'media-limits-exceeded',
    'unsupported-media-type',
    'password-required',
    'time-limit-exceeded',
    'memory-limit-exceeded',
    'executor-crashed',
  ],
};

/** Whether it is a result, or a failure that tells what is wrong with the file. */
export function isTyped({ kind, problem }: Ending): boolean {
  return kind === 'succeeded' || (problem !== null && isErrorCode(problem) && typed[kind].includes(problem));
}

/** One line for a test that fails. */
export function lineOf({ trial, kind, problem, detail, seconds, peakBytes }: Ending): string {
  const amounts = `${seconds.toFixed(1)} s, ${megabytes(peakBytes)}`;
  return `${trial.service} ${trial.name}: ${kind}${problem === null ? '' : ` ${problem} (${detail})`}, ${amounts}`;
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MB`;
}

/** All of them, so many at once, in their order. */
export async function runTrials(server: Program, trials: readonly Trial[], atOnce: number): Promise<Ending[]> {
  const endings: Ending[] = [];
  const left = trials.values();
  const client = async () => {
    for (const trial of left) endings.push(await runTrial(server, trial));
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return endings;
}

async function runTrial(server: Program, trial: Trial): Promise<Ending> {
  const query = new URLSearchParams({ fresh: 'true', maxAttempts: '1', ...trial.options });
  const response = await fetch(`${server.url}/v1/${trial.service}?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(trial.bytes),
  });
  const answer = objectOf(await response.json());
  if (response.status !== 202) {
    return { trial, kind: 'refused', ...problemOf(answer), result: null, seconds: 0, peakBytes: 0 };
  }
  return endOf(server, trial, textOf(answer.id));
}

async function endOf(server: Program, trial: Trial, id: string): Promise<Ending> {
  for (;;) {
    const job = await read(server, `/v1/jobs/${id}?wait=30s`);
    if (job.state !== 'succeeded' && job.state !== 'failed') continue;
    const amounts = amountsOf(job, await read(server, `/v1/jobs/${id}/events`));
    if (job.state === 'failed') return { trial, kind: 'failed', ...problemOf(objectOf(job.error)), result: null, ...amounts };
    return {
      trial,
      kind: 'succeeded',
      problem: null,
      detail: '',
      result: await read(server, `/v1/jobs/${id}/result`),
      ...amounts,
    };
  }
}

function amountsOf(job: JsonObject, { items }: JsonObject): Pick<Ending, 'seconds' | 'peakBytes'> {
  const peaks = Array.isArray(items) ? items.map((event) => Number(objectOf(objectOf(event).data).peakBytes ?? 0)) : [];
  const seconds = (Date.parse(textOf(job.finishedAt)) - Date.parse(textOf(job.startedAt))) / 1000;
  return { seconds, peakBytes: Math.max(0, ...peaks) };
}

function problemOf({ type, detail }: JsonObject): { problem: string; detail: string } {
  return { problem: textOf(type).replace(/^.*\//, ''), detail: textOf(detail) };
}

export async function read(server: Program, path: string): Promise<JsonObject> {
  const response = await fetch(`${server.url}${path}`, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`${path} answers ${response.status}`);
  return objectOf(await response.json());
}

function objectOf(value: unknown): JsonObject {
  if (value === null || typeof value !== 'object') throw new Error(`${JSON.stringify(value)} is no object`);
  return Object.fromEntries(Object.entries(value));
}

function textOf(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Error(`${JSON.stringify(value)} is no text`);
  return value;
}

/** What was seen of the server while it worked. */
export interface Health {
  readonly probes: number;
  /** Calls of `/livez` that were not answered with 200. */
  readonly deadProbes: number;
  /** Resident size of the server process (not of its executors), every quarter of a second. */
  readonly residentBytes: readonly number[];
}

/** Looks at the server until it is told to stop. */
export function watchServer(server: Program): () => Promise<Health> {
  const health = { probes: 0, deadProbes: 0, residentBytes: [] as number[] };
  let watching = true;
  const watch = async () => {
    while (watching) {
      const isAlive = await fetch(`${server.url}/livez`).then(
        async (response) => response.ok && (await response.text()) !== '',
        () => false,
      );
      health.probes += 1;
      if (!isAlive) health.deadProbes += 1;
      const resident = residentBytesOf(server.pid);
      if (resident !== null) health.residentBytes.push(resident);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };
  const watched = watch();
  return async () => {
    watching = false;
    await watched;
    return health;
  };
}

/** Null where the machine does not tell (all but Linux). */
function residentBytesOf(pid: number): number | null {
  try {
    const [, kilobytes] = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

/** The median of the first quarter behind the start, and of the last quarter. */
export function growthOf(residentBytes: readonly number[]): { before: number; after: number } {
  const quarter = Math.ceil(residentBytes.length / 4);
  return { before: median(residentBytes.slice(quarter, 2 * quarter)), after: median(residentBytes.slice(-quarter)) };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** The line of the one that has most of something. */
export function worstOf(endings: readonly Ending[], amount: (ending: Ending) => number): string {
  const [worst] = endings.toSorted((a, b) => amount(b) - amount(a));
  return worst === undefined ? 'none' : lineOf(worst);
}

/** Ending an attempt whose time is over takes a moment: to kill it, and to commit that. */
const lateSeconds = 5;

/** No job went on beyond the time of its service, or gave a result from more memory, pixels or frames than it may. */
export async function limitsPassed(server: Program, endings: readonly Ending[]): Promise<string[]> {
  const { items } = await read(server, '/v1/services');
  const services = (Array.isArray(items) ? items : []).map(objectOf);
  return endings
    .filter((ending) => {
      const { timeMs, memoryBytes } = objectOf(services.find(({ name }) => name === ending.trial.service)?.limits);
      const isLarge = ending.kind === 'succeeded' && ending.peakBytes > Number(memoryBytes);
      return isLarge || ending.seconds > Number(timeMs) / 1000 + lateSeconds || isTooManyPixels(ending);
    })
    .map(lineOf);
}

function isTooManyPixels({ trial, result }: Ending): boolean {
  const source = trial.service === 'thumbnails' && result !== null ? objectOf(result.source) : {};
  const { mediaType, width = 0, height = 0, frames = 0 } = source;
  // Pages have points, not pixels.
  if (mediaType === 'application/pdf') return Number(frames) > limits.pdfPagesMax;
  return Number(width) * Number(height) > limits.pixelsMax || Number(frames) > limits.framesMax;
}

/** How often executors were replaced, and why, as far as the log still has it. */
export async function executorRestarts(server: Program): Promise<{ restarts: number; why: string[] }> {
  const { items } = await read(server, '/v1/workers');
  const executors = (Array.isArray(items) ? items : []).flatMap((worker) => objectOf(worker).executors);
  const restarts = executors.reduce<number>((sum, executor) => sum + Number(objectOf(executor).restarts), 0);
  const lines = server.log().split('\n');
  const why = lines.flatMap((line) => (line.includes('"executor.ended"') ? [textOf(objectOf(JSON.parse(line)).why)] : []));
  return { restarts, why };
}

/** An input that was cut down keeps one byte, see `emptyWorkFolder`. */
const byteLeft = 1;

/** Resolves when no bytes of any job are left in the work folders of the executors, and no upload is under way. */
export async function expectNothingLeft(data: string): Promise<void> {
  const left = () => [
    ...filesIn(join(data, 'executors')).filter((path) => sizeOf(path) > byteLeft),
    ...filesIn(join(data, 'blobs', 'uploads')),
  ];
  await eventually('the folders of executors and uploads are empty', () => left().length === 0);
}

function filesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name));
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
