import { describe, expect, test } from 'vitest';
import type { Bench } from '../../test/support/job-store-bench.ts';
import { sampleAnswer, sampleFile } from '../../test/support/sample-jobs.ts';

const key = { caller: 'ann', key: 'key-1' };

/** What a job store promises about idempotency keys. */
export function answerPromises(bench: Bench): void {
  describe('idempotency keys', () => {
    test('of many requests at once one gets the reservation', async () => {
      const attempts = Array.from({ length: 50 }, (_, n) => bench.store.reserve(key, `token-${n}`, 60_000));
      const kinds = (await Promise.all(attempts)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'reserved')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'in-progress')).toHaveLength(49);
    });

    test('keys of several callers, and several keys of a caller, are apart', async () => {
      const { store } = bench;
      expect(await store.reserve(key, 'a', 60_000)).toEqual({ kind: 'reserved' });
      expect(await store.reserve({ ...key, caller: 'ben' }, 'b', 60_000)).toEqual({ kind: 'reserved' });
      expect(await store.reserve({ ...key, key: 'KEY-1' }, 'c', 60_000)).toEqual({ kind: 'reserved' });
    });

    test('an answered key gives the first answer again until its time is over', async () => {
      const { store, clock } = bench;
      await store.reserve(key, 'first', 1_000);
      const kept = sampleAnswer('first', { keepMs: 5_000 });
      expect(await store.answer(kept)).toBe(true);
      clock.advance(4_999);
      const again = { kind: 'answered', fingerprint: kept.fingerprint, answer: kept.answer };
      expect(await store.reserve(key, 'second', 1_000)).toEqual(again);
      clock.advance(1);
      expect(await store.reserve(key, 'second', 1_000)).toEqual({ kind: 'reserved' });
    });

    test('an expired reservation is taken over, and the one that lost it cannot answer', async () => {
      const { store, clock } = bench;
      await store.reserve(key, 'slow', 1_000);
      clock.advance(999);
      expect(await store.reserve(key, 'quick', 1_000)).toEqual({ kind: 'in-progress' });
      clock.advance(1);
      expect(await store.reserve(key, 'quick', 1_000)).toEqual({ kind: 'reserved' });
      expect(await store.answer(sampleAnswer('slow'))).toBe(false);
      expect(await store.answer(sampleAnswer('quick'))).toBe(true);
      expect(await store.answer(sampleAnswer('slow'))).toBe(false);
    });

    test('an expired reservation that nobody took over may still answer', async () => {
      const { store, clock } = bench;
      await store.reserve(key, 'slow', 1_000);
      clock.advance(5_000);
      expect(await store.answer(sampleAnswer('slow'))).toBe(true);
    });

    test('a reservation is given back by its holder only, and an answer never', async () => {
      const { store } = bench;
      await store.reserve(key, 'mine', 60_000);
      await store.unreserve(key, 'other');
      expect(await store.reserve(key, 'next', 60_000)).toEqual({ kind: 'in-progress' });
      await store.unreserve(key, 'mine');
      expect(await store.reserve(key, 'next', 60_000)).toEqual({ kind: 'reserved' });
      await store.answer(sampleAnswer('next'));
      await store.unreserve(key, 'next');
      expect(await store.reserve(key, 'last', 60_000)).toMatchObject({ kind: 'answered' });
    });

    test('a reservation is extended by its own token', async () => {
      const { store, clock } = bench;
      await store.reserve(key, 'mine', 1_000);
      clock.advance(900);
      expect(await store.reserve(key, 'mine', 1_000)).toEqual({ kind: 'reserved' });
      clock.advance(900);
      expect(await store.reserve(key, 'other', 1_000)).toEqual({ kind: 'in-progress' });
    });

    test('a later answer of the same request takes the place of the first, another does not', async () => {
      const { store } = bench;
      await store.reserve(key, 'mine', 60_000);
      await store.answer(sampleAnswer('mine'));
      const later = sampleAnswer('mine', { answer: { status: 200, headers: {}, body: 'done' } });
      expect(await store.answer(later)).toBe(true);
      expect(await store.answer(sampleAnswer('other'))).toBe(false);
      expect(await store.reserve(key, 'next', 60_000)).toMatchObject({ kind: 'answered', answer: { body: 'done' } });
    });

    test('all reservations are given back at once, answers stay', async () => {
      const { store } = bench;
      await store.reserve(key, 'answered', 60_000);
      await store.answer(sampleAnswer('answered'));
      const left = { caller: 'ann', key: 'left' };
      await store.reserve(left, 'dead', 60_000);
      expect(await store.unreserveAll()).toBe(1);
      expect(await store.reserve(left, 'alive', 60_000)).toEqual({ kind: 'reserved' });
      expect(await store.reserve(key, 'again', 60_000)).toMatchObject({ kind: 'answered' });
    });

    test('a file is stored with its answer or, where the reservation was lost, not at all', async () => {
      const { store } = bench;
      const file = sampleFile(store.now());
      expect(await store.insertFile(file, sampleAnswer('nobody'))).toBe(false);
      expect(await store.getFile(file.id)).toBeNull();
      await store.reserve(key, 'mine', 60_000);
      expect(await store.insertFile(file, sampleAnswer('mine'))).toBe(true);
      expect(await store.getFile(file.id)).toEqual(file);
      expect(await store.reserve(key, 'next', 60_000)).toMatchObject({ kind: 'answered' });
    });

    test('expired answers and reservations are pruned, and who comes back later has lost', async () => {
      const { store, clock } = bench;
      await store.reserve(key, 'slow', 1_000);
      await store.reserve({ ...key, key: 'answered' }, 'done', 1_000);
      await store.answer(sampleAnswer('done', { key: 'answered', keepMs: 2_000 }));
      clock.advance(1_000);
      expect(await store.prune(100, 0)).toMatchObject({ answers: 1 });
      expect(await store.answer(sampleAnswer('slow'))).toBe(false);
      clock.advance(1_000);
      expect(await store.prune(100, 0)).toMatchObject({ answers: 1 });
    });
  });
}
