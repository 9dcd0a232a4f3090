import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { ServiceError } from '../core/errors.ts';
import { createStorageRoom, type StorageRoom } from './storage-room.ts';

const mb = 1024 ** 2;
let clock: ManualClock;
let free: { store: number | null; blobs: number | null };
let broken: boolean;
let messages: string[];
let room: StorageRoom;

beforeEach(() => {
  clock = new ManualClock(0);
  free = { store: 1_000 * mb, blobs: 1_000 * mb };
  broken = false;
  messages = [];
  const tell = (_fields: object, message: string) => void messages.push(message);
  const part = (name: 'store' | 'blobs') => ({
    freeBytes: async () => free[name],
    async check() {
      if (broken) throw new ServiceError('service-unavailable', 'It cannot be written.');
    },
  });
  room = createStorageRoom({
    store: part('store'),
    blobs: part('blobs'),
    clock,
    log: { debug: tell, info: tell, warn: tell, error: tell },
    reserveBytes: 100 * mb,
  });
});

function set(megabytes: number): void {
  free = { store: null, blobs: megabytes * mb };
  clock.advance(1_000);
}

test('what would leave less than the reserve is not taken', async () => {
  set(150);
  await expect(room.checkIntake(50 * mb)).resolves.toBeUndefined();
  await expect(room.checkIntake(51 * mb)).rejects.toMatchObject({
    code: 'insufficient-storage',
    message: '150 MB are free and the request has 51 MB; 100 MB are kept for the work under way.',
  });
  set(99);
  await expect(room.checkIntake()).rejects.toMatchObject({ code: 'insufficient-storage' });
});

test('where there is plenty of room, what was found a moment ago does for the next upload', async () => {
  set(10_000);
  await room.checkIntake(mb);
  free = { store: null, blobs: 99 * mb };
  await expect(room.checkIntake(mb)).resolves.toBeUndefined();
  await expect(room.checkIntake(9_900 * mb)).rejects.toMatchObject({ code: 'insufficient-storage' });
  await expect(room.checkIntake(mb)).rejects.toMatchObject({ code: 'insufficient-storage' });
});

test('the place that has less room decides', async () => {
  free = { store: 10 * mb, blobs: 1_000 * mb };
  await expect(room.checkIntake()).rejects.toMatchObject({ code: 'insufficient-storage' });
});

test('a stream ends when the room does', async () => {
  let sent = 0;
  async function* endless() {
    for (;;) {
      sent += mb;
      free = { store: null, blobs: 1_000 * mb - sent };
      yield Buffer.alloc(mb);
    }
  }
  const all = async () => {
    for await (const chunk of room.watched(endless())) expect(chunk.length).toBe(mb);
  };
  await expect(all()).rejects.toMatchObject({ code: 'insufficient-storage' });
  expect(1_000 * mb - sent).toBeGreaterThan(90 * mb);
});

test('below the reserve jobs go on, below half of it none is begun, and the log tells once of each turn', async () => {
  expect(await room.forWork()).toBe('ample');
  set(99);
  expect(await room.forWork()).toBe('work');
  set(49);
  expect(await room.forWork()).toBe('none');
  expect(await room.forWork()).toBe('none');
  set(51);
  expect(await room.forWork()).toBe('work');
  expect(messages).toEqual(['storage.short', 'storage.recovered']);
});

test('what fails while there is no room is not the fault of the job', async () => {
  expect(await room.isToBlame('executor-crashed')).toBe(false);
  set(20);
  expect(await room.isToBlame('executor-crashed')).toBe(true);
});

test('after a failure of storage no job is begun until storage takes a write', async () => {
  broken = true;
  expect(await room.isToBlame('unprocessable-media')).toBe(false);
  expect(await room.isToBlame('service-unavailable')).toBe(true);
  expect(await room.forWork()).toBe('none');
  broken = false;
  expect(await room.forWork()).toBe('ample');
  expect(await room.isToBlame('service-unavailable')).toBe(false);
});

test('a storage that does not even tell how much is free has no room', async () => {
  room = createStorageRoom({
    store: { freeBytes: () => Promise.reject(new Error('it is away')), check: async () => {} },
    blobs: { freeBytes: async () => null, check: async () => {} },
    clock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    reserveBytes: 0,
  });
  expect(await room.forWork()).toBe('none');
  await expect(room.checkIntake()).rejects.toThrow('it is away');
});
