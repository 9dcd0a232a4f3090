import { closeSync, fdatasync, openSync, writevSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { BlobMeter } from '../../ports/blob-meter.ts';

/** Chunks from the network are small: so many bytes are gathered before a write, to spare calls. Bounds the memory of an upload. */
const gatherBytes = 256 * 1024;

const sync = promisify(fdatasync);

interface Gathered {
  readonly chunks: Uint8Array[];
  readonly bytes: number;
  readonly isLast: boolean;
}

/**
 * Streams bytes through the meter into a new file; they are durable when it resolves. What fits into one write is written
 * synchronously, into the page cache: each detour over another thread would cost more. The disk is always waited for there.
 */
export async function writeBlob(path: string, source: AsyncIterable<Uint8Array>, meter: BlobMeter): Promise<void> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    const first = await gather(chunks, meter);
    if (first.isLast) await writeSmall(path, first);
    else await writeLarge(path, first, chunks, meter);
  } finally {
    await chunks.return?.();
  }
}

async function gather(source: AsyncIterator<Uint8Array>, meter: BlobMeter): Promise<Gathered> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < gatherBytes) {
    const step = await source.next();
    if (step.done === true) return { chunks, bytes, isLast: true };
    meter.add(step.value);
    chunks.push(step.value);
    bytes += step.value.byteLength;
  }
  return { chunks, bytes, isLast: false };
}

async function writeSmall(path: string, { chunks, bytes }: Gathered): Promise<void> {
  const fd = openSync(path, 'wx', 0o600);
  try {
    if (bytes > 0 && writevSync(fd, chunks) !== bytes)
      throw Object.assign(new Error('the disk took only a part'), { code: 'ENOSPC' });
    await sync(fd);
  } finally {
    closeSync(fd);
  }
}

async function writeLarge(path: string, first: Gathered, source: AsyncIterator<Uint8Array>, meter: BlobMeter): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    for (let part = first; ; part = await gather(source, meter)) {
      if (part.bytes > 0) await writeAll(handle, part);
      if (part.isLast) break;
    }
    // The content and the length are what must be durable; fdatasync leaves out only the times of the file.
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** `writev` may write less than it was given, as on a disk that is getting full; the rest is written again, which then fails or not. */
async function writeAll(handle: FileHandle, { chunks, bytes }: Gathered): Promise<void> {
  const { bytesWritten } = await handle.writev(chunks);
  if (bytesWritten === bytes) return;
  const whole = Buffer.concat(chunks);
  for (let done = bytesWritten; done < bytes; ) done += (await handle.write(whole, done)).bytesWritten;
}
