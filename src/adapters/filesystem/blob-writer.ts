import type { FileHandle } from 'node:fs/promises';
import type { BlobMeter } from '../../ports/blob-meter.ts';

/** Chunks from the network are small: so many bytes are gathered before a write, to spare calls. Bounds the memory of an upload. */
const gatherBytes = 256 * 1024;

/** Streams bytes through the meter into an open file; what was written is durable when it resolves. */
export async function writeBlob(handle: FileHandle, chunks: AsyncIterable<Uint8Array>, meter: BlobMeter): Promise<void> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    meter.add(chunk);
    gathered.push(chunk);
    bytes += chunk.byteLength;
    if (bytes < gatherBytes) continue;
    await writeAll(handle, gathered, bytes);
    gathered = [];
    bytes = 0;
  }
  if (bytes > 0) await writeAll(handle, gathered, bytes);
  // The content and the length are what must be durable; fdatasync leaves out only the times of the file.
  await handle.datasync();
}

/** `writev` may write less than it was given, as on a disk that is getting full; the rest is written again, which then fails or not. */
async function writeAll(handle: FileHandle, chunks: Uint8Array[], bytes: number): Promise<void> {
  const { bytesWritten } = await handle.writev(chunks);
  if (bytesWritten === bytes) return;
  const whole = Buffer.concat(chunks);
  for (let done = bytesWritten; done < bytes; ) done += (await handle.write(whole, done)).bytesWritten;
}
