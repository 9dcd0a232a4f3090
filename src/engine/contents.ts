import { closeSync, constants, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { ByteBudget } from '../core/byte-budget.ts';
import { ServiceError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import { limits } from '../core/limits.ts';
import { thenRest } from '../core/then-rest.ts';
import { abortable } from '../ports/abortable.ts';
import { BlobMeter } from '../ports/blob-meter.ts';
import type { Content } from '../ports/job-store.ts';
import type { EngineParts } from './parts.ts';
import type { ReceivedBlob } from './received.ts';

// Where the bytes of files lie: small ones in the job store, committed with what refers to them, which spares a file and its
// way to the disk; larger ones in the blob store.

type Parts = Pick<EngineParts, 'blobs' | 'store'>;

/** What tells where the bytes of a file lie. */
interface Lying {
  readonly blob: string;
  readonly bytes: number;
}

/** Small bytes, in one piece or several, as they are committed; a copy, as a view of a larger buffer would take all of it along. */
export function contentOf(...pieces: readonly Uint8Array[]): ReceivedBlob & { readonly content: Uint8Array } {
  const content = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let end = 0;
  for (const piece of pieces) {
    content.set(piece, end);
    end += piece.byteLength;
  }
  const meter = new BlobMeter(Number.POSITIVE_INFINITY);
  meter.add(content);
  return { id: newId(), ...meter.end(), content };
}

/** The contents of a commit. */
export function contentsOf(blobs: readonly ReceivedBlob[]): { readonly contents?: readonly Content[] } {
  const contents = blobs.flatMap(({ id, content }) => (content === null ? [] : [{ blob: id, bytes: content }]));
  return contents.length === 0 ? {} : { contents };
}

/** What uploads that come in at the same time share. */
export class IntakeRoom {
  /** Memory for those that may be small. */
  readonly bytes = new ByteBudget(limits.heldContentBytesMax);
  #streams = 0;

  /** Lets one go to the blob store; throws `overloaded`. */
  async streamed<T>(put: () => Promise<T>): Promise<T> {
    if (this.#streams >= limits.streamedUploadsMax) {
      throw new ServiceError('overloaded', `${limits.streamedUploadsMax} uploads are being stored, which is the limit.`, {
        retryAfterSeconds: 1,
      });
    }
    this.#streams += 1;
    try {
      return await put();
    } finally {
      this.#streams -= 1;
    }
  }
}

/**
 * Takes in a stream; only what is larger than `contentBytesMax`, or comes while there is no room in memory, is stored by the time
 * that this resolves. Throws `overloaded` where too many go to the blob store already.
 */
export async function receive(
  { blobs, settings, room }: Pick<EngineParts, 'blobs' | 'settings' | 'room'>,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  intake: IntakeRoom,
): Promise<ReceivedBlob> {
  const bytesMax = settings.uploadBytesMax;
  await room.checkIntake();
  const chunks = abortable(source, signal)[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let bytes = 0;
  let held = 0;
  try {
    while (bytes <= Math.min(limits.contentBytesMax, bytesMax) && held === bytes) {
      const step = await chunks.next();
      if (step.done === true) return contentOf(...first);
      first.push(step.value);
      bytes += step.value.byteLength;
      if (intake.bytes.take(step.value.byteLength)) held = bytes;
    }
    const stored = await intake.streamed(() => blobs.put(room.watched(thenRest(first, chunks)), { bytesMax }));
    return { ...stored, content: null };
  } finally {
    intake.bytes.giveBack(held);
    await chunks.return(undefined);
  }
}

/** Takes away bytes that no commit refers to. */
export async function discard({ blobs }: Pick<EngineParts, 'blobs'>, { id, content }: ReceivedBlob): Promise<void> {
  if (content === null) await blobs.remove(id);
}

/** Rejects with `not-found` where the bytes are gone. */
export async function openBlob(
  { blobs, store }: Parts,
  { blob, bytes }: Lying,
  range?: { start: number; end: number },
): Promise<Readable> {
  const content = await smallContent(store, { blob, bytes });
  if (content === null) return blobs.open(blob, range);
  return Readable.from([range === undefined ? content : content.subarray(range.start, range.end + 1)], { objectMode: false });
}

/** Makes the bytes readable at a path; a file that is there already is replaced. */
export async function placeBlob({ blobs, store }: Parts, { blob, bytes }: Lying, path: string): Promise<void> {
  const content = await smallContent(store, { blob, bytes });
  if (content !== null) return writeSmall(path, content);
  rmSync(path, { force: true });
  await blobs.placeAt(blob, path);
}

const toWrite = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Synchronously, into the page cache: a detour over another thread would cost more. Never cut to nothing first: what is written
 * after that, ext4 sends to the disk as soon as it is closed.
 */
function writeSmall(path: string, content: Uint8Array): void {
  const fd = openSync(path, toWrite, 0o600);
  try {
    for (let done = 0; done < content.length; ) done += writeSync(fd, content, done);
    ftruncateSync(fd, content.length);
  } finally {
    closeSync(fd);
  }
}

async function smallContent(store: Parts['store'], { blob, bytes }: Lying): Promise<Uint8Array | null> {
  return bytes <= limits.contentBytesMax ? store.getContent(blob) : null;
}
