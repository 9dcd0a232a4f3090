import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type Clock, systemClock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import { abortable } from '../../ports/abortable.ts';
import { BlobMeter } from '../../ports/blob-meter.ts';
import type { BlobStore } from '../../ports/blob-store.ts';

/** Keeps blobs in the memory of the process: for tests. Nothing of it is durable. */
export function createMemoryBlobStore({ clock = systemClock }: { clock?: Clock } = {}): BlobStore {
  const blobs = new Map<string, { content: Buffer; storedAt: number }>();

  function content(id: string): Buffer {
    const blob = blobs.get(id);
    if (blob === undefined) throw new ServiceError('not-found', 'There are no bytes stored under this id.');
    return blob.content;
  }

  return {
    async put(source, { bytesMax, signal }) {
      const meter = new BlobMeter(bytesMax);
      const chunks: Uint8Array[] = [];
      for await (const chunk of abortable(source, signal)) {
        meter.add(chunk);
        chunks.push(chunk);
      }
      const id = newId();
      blobs.set(id, { content: Buffer.concat(chunks), storedAt: clock.now() });
      return { id, ...meter.end() };
    },
    async open(id, range) {
      const bytes = content(id);
      return Readable.from([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)], { objectMode: false });
    },
    placeAt: async (id, path) => writeFile(path, content(id), { flag: 'wx' }),
    async remove(id) {
      blobs.delete(id);
    },
    async *older(ageMs) {
      const old = [...blobs].filter(([, { storedAt }]) => storedAt <= clock.now() - ageMs).map(([id]) => id);
      if (old.length > 0) yield old;
    },
    sweep: async () => 0,
    freeBytes: async () => null,
    check: async () => undefined,
  };
}
