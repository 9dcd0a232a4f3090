import { formatBytes } from '../core/byte-sizes.ts';
import type { Clock } from '../core/clock.ts';
import { ServiceError } from '../core/errors.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { Log } from '../ports/log.ts';

/** For so long a figure serves where it is asked for again and again. */
const freshMs = 250;
/** So many bytes of a stream may pass before it is looked again. */
const streamStepBytes = 4 * 1024 ** 2;

/** `work`: jobs go on and new files are refused. `none`: no job is begun, so that those that run can still be committed. */
export type Room = 'ample' | 'work' | 'none';

/**
 * Keeps the disk from getting full by what comes in: as long as less than the reserve is free, nothing new is taken; below half of it
 * no job is begun. Commits, results of running jobs and removals have the rest.
 */
export interface StorageRoom {
  /** With less free room nothing new is taken. */
  readonly reserveBytes: number;
  /** Throws `insufficient-storage` where taking `bytes` in would leave less than the reserve; what an outage throws, too. */
  checkIntake(bytes?: number): Promise<void>;
  /** The same stream, which fails with `insufficient-storage` where the room ends on the way. */
  watched(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** What may be begun now. After a failure that was blamed on storage it is `none` until storage takes a write again. Never rejects. */
  forWork(): Promise<Room>;
  /** Whether it is the fault of storage, and not of the job, that something has just failed with this code. Never rejects. */
  isToBlame(code: string): Promise<boolean>;
}

export interface StorageRoomParts {
  readonly store: Pick<JobStore, 'freeBytes' | 'check'>;
  readonly blobs: Pick<BlobStore, 'freeBytes' | 'check'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly reserveBytes: number;
}

export function createStorageRoom({ store, blobs, clock, log, reserveBytes }: StorageRoomParts): StorageRoom {
  let known: { readonly free: Promise<number>; readonly until: number } | null = null;
  /** Bytes that were let in since the last look. */
  let letIn = 0;
  let inTrouble = false;
  let last: Room = 'ample';

  function look(): Promise<number> {
    const free = Promise.all([store.freeBytes(), blobs.freeBytes()]).then((all) =>
      Math.min(...all.map((bytes) => bytes ?? Number.POSITIVE_INFINITY)),
    );
    known = { free, until: clock.now() + freshMs };
    letIn = 0;
    return free;
  }

  function recent(): Promise<number> {
    return known !== null && clock.now() < known.until ? known.free : look();
  }

  async function checkIntake(bytes = 0): Promise<void> {
    // To ask the system for every small upload would cost as much as taking it in.
    let free = (await recent()) - letIn;
    if (free - bytes < reserveBytes) free = await look();
    refuseBelowReserve(free, bytes);
    letIn += bytes;
  }

  function refuseBelowReserve(free: number, bytes: number): void {
    if (free - bytes >= reserveBytes) return;
    const need = bytes === 0 ? '' : ` and the request has ${formatBytes(bytes)}`;
    throw new ServiceError(
      'insufficient-storage',
      `${formatBytes(free)} are free${need}; ${formatBytes(reserveBytes)} are kept for the work under way.`,
    );
  }

  async function* watched(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let passed = 0;
    for await (const chunk of bytes) {
      passed += chunk.byteLength;
      if (passed >= streamStepBytes) {
        refuseBelowReserve(await look(), passed);
        passed = 0;
      }
      yield chunk;
    }
  }

  async function answers(): Promise<boolean> {
    try {
      await Promise.all([store.check(), blobs.check()]);
      return true;
    } catch {
      return false;
    }
  }

  /** Null where storage does not even tell. */
  async function freeOrNull(looking: Promise<number>): Promise<number | null> {
    return looking.catch(() => null);
  }

  async function roomNow(): Promise<Room> {
    const free = await freeOrNull(recent());
    if (free === null || free < reserveBytes / 2) return 'none';
    if (inTrouble) {
      if (!(await answers())) return 'none';
      inTrouble = false;
    }
    return free < reserveBytes ? 'work' : 'ample';
  }

  return {
    reserveBytes,
    checkIntake,
    watched,
    async forWork() {
      const room = await roomNow();
      if (room === 'none' && last !== 'none') log.warn({ reserveBytes }, 'storage.short');
      if (room !== 'none' && last === 'none') log.info({ reserveBytes }, 'storage.recovered');
      last = room;
      return room;
    },
    async isToBlame(code) {
      const free = await freeOrNull(look());
      const isShort = free === null || free < reserveBytes / 2;
      const isOurs = isShort || code === 'insufficient-storage' || (code === 'service-unavailable' && !(await answers()));
      if (isOurs) inTrouble = true;
      return isOurs;
    },
  };
}
