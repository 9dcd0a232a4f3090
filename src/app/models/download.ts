import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { formatBytes } from '../../core/byte-sizes.ts';
import type { RemoteFile } from '../../services/classifications/catalogue.ts';
import { sha256Of } from './install-model.ts';

export interface DownloadOptions {
  /** Where the file goes; what has come so far lies beside it, and the next download goes on from there. */
  readonly path: string;
  readonly onProgress: (bytes: number) => void;
  /** The longest time without a byte. */
  readonly idleMs?: number;
}

const idleMsDefault = 30_000;

/** Fetches a file from the first address that gives it, and keeps it only where it has its size and digest. Throws an `Error` for people. */
export async function download(file: RemoteFile, options: DownloadOptions): Promise<void> {
  const part = `${options.path}.part`;
  // Whole from an earlier time, when what came after it failed.
  if ((await sizeOf(options.path)) === file.bytes && (await sha256Of(options.path)) === file.sha256) return;
  const failures: string[] = [];
  for (const address of file.addresses) {
    const failure = await fetchFrom(address, file, part, options);
    if (failure !== null) {
      failures.push(failure);
      continue;
    }
    const digest = await sha256Of(part);
    if (digest === file.sha256) return rename(part, options.path);
    // Nothing of it can be gone on with.
    await rm(part, { force: true });
    failures.push(`what ${hostOf(address)} gave as ${file.name} is not the file that is wanted (its SHA-256 is ${digest})`);
  }
  const kept = (await sizeOf(part)) > 0 ? ' What has come is kept, and the same command goes on from there.' : '';
  throw new Error(
    `${file.name} (${formatBytes(file.bytes)}) could not be downloaded: ${failures.join('; ')}.${kept} Without a network, fetch ${file.addresses[0] ?? 'it'} elsewhere and serve it to --mirror, or install it with "coatcheck model add".`,
  );
}

/** Goes on while each try brings something. Null once the file has its size, else why it has not. */
async function fetchFrom(address: string, file: RemoteFile, part: string, options: DownloadOptions): Promise<string | null> {
  for (;;) {
    const before = await sizeOf(part);
    if (before === file.bytes) return null;
    const failure = await fetchRest(address, file, part, before > file.bytes ? 0 : before, options);
    const after = await sizeOf(part);
    if (after === file.bytes) return null;
    if (after <= before) return failure ?? `${hostOf(address)} ended ${file.name} after ${formatBytes(after)}`;
  }
}

async function fetchRest(
  address: string,
  file: RemoteFile,
  part: string,
  from: number,
  { onProgress, idleMs = idleMsDefault }: DownloadOptions,
): Promise<string | null> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error(`no byte came for ${idleMs / 1000} s`)), idleMs);
  try {
    const headers = { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) };
    const response = await fetch(address, { headers, signal: idle.signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return `${hostOf(address)} answered ${response.status}`;
    }
    const isRest = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${from}-`) === true;
    let bytes = isRest ? from : 0;
    const count = (chunk: Uint8Array) => {
      timer.refresh();
      bytes += chunk.length;
      if (bytes > file.bytes) throw new Error(`it gives more than the ${formatBytes(file.bytes)} that the file has`);
      onProgress(bytes);
    };
    await pipeline(chunksOf(response.body, count), createWriteStream(part, { flags: isRest ? 'a' : 'w' }));
    return null;
  } catch (error) {
    return `${hostOf(address)} cannot be read from (${reasonOf(idle.signal.aborted ? idle.signal.reason : error)})`;
  } finally {
    clearTimeout(timer);
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>, count: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    count(value);
    yield value;
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : basename(address);
}

/** What fetch tells is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
