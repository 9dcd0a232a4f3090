import { describe, expect, test } from 'vitest';
import { type Bench, claim, leased, submitted, versioned } from '../../test/support/job-store-bench.ts';
import { lane, retentionMs, sampleFile, sampleJob, submissionOf } from '../../test/support/sample-jobs.ts';
import { cancel, release, retryLater, start, succeed } from '../core/transitions.ts';
import { sourceOf } from '../engine/files.ts';
import type { ServiceLane } from './job-store.ts';

/** What a job store promises to workers that ask for jobs. */
export function claimPromises(bench: Bench): void {
  const callers = async (limit: number, ...lanes: (ServiceLane | string)[]) =>
    (await claim(bench, limit, ...lanes)).map(({ caller }) => caller);
  const ids = async (limit: number, ...lanes: (ServiceLane | string)[]) =>
    (await claim(bench, limit, ...lanes)).map(({ id }) => id);
  const nextAt = async (...lanes: ServiceLane[]) =>
    (await bench.store.claim({ lanes, limit: 10, fetchesMax: 100, worker: 'worker-1', leaseMs: 20_000 })).nextAt;

  describe('claim', () => {
    test('a claimed job is running, leased to the worker, and its history says so', async () => {
      const { store } = bench;
      const job = await submitted(bench);
      const [claimed] = await claim(bench, 1, 'copy');
      if (claimed?.lease == null) throw new Error('no lease');
      expect(claimed.lease).toMatchObject({ worker: 'worker-1', expiresAt: store.now() + 20_000 });
      expect(claimed).toEqual(start(job, claimed.lease, store.now()).next);
      expect(await store.get(job.id)).toEqual(claimed);
      expect((await store.events(job.id)).at(-1)).toMatchObject({
        type: 'job.started',
        data: { attempt: 1, worker: 'worker-1' },
      });
    });

    test('no job is handed out twice, however many ask at once', async () => {
      for (let n = 0; n < 30; n += 1) await submitted(bench);
      const claims = await Promise.all(Array.from({ length: 20 }, () => ids(2, 'copy')));
      expect(new Set(claims.flat()).size).toBe(30);
      expect(claims.flat()).toHaveLength(30);
      const tokens = (await bench.store.lost(100, true)).map(({ lease }) => lease?.token);
      expect(new Set(tokens).size).toBe(30);
    });

    test('only the services asked for are looked at', async () => {
      await submitted(bench, { service: 'other' });
      expect(await claim(bench, 10, 'copy')).toEqual([]);
      expect(await claim(bench, 10)).toEqual([]);
      expect(await claim(bench, 10, 'other')).toHaveLength(1);
    });

    test('of one caller the highest priority goes first, then the oldest job', async () => {
      const low = await submitted(bench, { priority: -5 });
      const old = await submitted(bench, { priority: 0 });
      const young = await submitted(bench, { priority: 0 });
      const high = await submitted(bench, { priority: 9 });
      expect(await ids(10, 'copy')).toEqual([high.id, old.id, young.id, low.id]);
    });

    test('jobs that need a fetch are passed over once there are as many as may be, whoever has them', async () => {
      const { store } = bench;
      const link = { url: 'https://example.org/a.png', fresh: false };
      const taken = async (limit: number, fetchesMax: number) => {
        const { jobs } = await store.claim({ lanes: [lane('copy')], limit, fetchesMax, worker: 'w', leaseMs: 20_000 });
        return jobs.map(({ id }) => id);
      };
      const first = await submitted(bench, { link, priority: 3 });
      const second = await submitted(bench, { link, priority: 2 });
      const plain = await submitted(bench, { priority: 1 });
      const third = await submitted(bench, { link });
      for (let n = 0; n < 3; n += 1) await submitted(bench, { caller: 'ben', link });
      const file = sampleFile(store.now());
      const job = sampleJob(store.now(), { caller: 'cem', link, source: sourceOf(file) });
      await store.submit([submissionOf(job, { input: file })]);

      expect(await taken(1, 1)).toEqual([first.id]);
      expect(await taken(10, 0)).toEqual([job.id, plain.id]);
      expect(await taken(10, 0)).toEqual([]);
      const rest = await taken(10, 2);
      expect(rest).toHaveLength(2);
      expect(rest).toContain(second.id);
      expect(await taken(10, 10)).toHaveLength(3);
      expect(await store.get(third.id)).toMatchObject({ state: 'running' });
    });

    test('callers take turns, however much one of them has waiting and whatever its priorities', async () => {
      for (let n = 0; n < 6; n += 1) await submitted(bench, { caller: 'greedy', priority: 100 });
      for (const caller of ['ben', 'cem', 'ben']) await submitted(bench, { caller });
      expect(await callers(4, 'copy')).toEqual(['greedy', 'ben', 'cem', 'greedy']);
      expect(await callers(4, 'copy')).toEqual(['ben', 'greedy', 'greedy', 'greedy']);
    });

    test('turns go on where the last claim ended, and a new caller waits for one round at most', async () => {
      for (let n = 0; n < 3; n += 1) {
        await submitted(bench, { caller: 'a' });
        await submitted(bench, { caller: 'b' });
      }
      expect(await callers(1, 'copy')).toEqual(['a']);
      await submitted(bench, { caller: 'c' });
      expect(await callers(1, 'copy')).toEqual(['b']);
      const round = [await callers(1, 'copy'), await callers(1, 'copy'), await callers(1, 'copy')].flat();
      expect(round.sort()).toEqual(['a', 'b', 'c']);
    });

    test('a caller whose jobs were canceled loses nothing but its turn', async () => {
      const gone = await submitted(bench, { caller: 'a' });
      await submitted(bench, { caller: 'b' });
      await bench.store.change(versioned(gone, cancel(gone, bench.store.now(), retentionMs)));
      expect(await callers(5, 'copy')).toEqual(['b']);
      await submitted(bench, { caller: 'a' });
      expect(await callers(5, 'copy')).toEqual(['a']);
    });

    test('services take turns in the order given, one job each', async () => {
      for (let n = 0; n < 3; n += 1) await submitted(bench, { service: 'x' });
      for (let n = 0; n < 2; n += 1) await submitted(bench, { service: 'y' });
      const services = (await claim(bench, 5, 'y', 'x')).map(({ service }) => service);
      expect(services).toEqual(['y', 'x', 'y', 'x', 'x']);
    });

    test('a delayed job starts at its time, not before, and the store tells when that is', async () => {
      const { store, clock } = bench;
      const late = await submitted(bench, { runAt: store.now() + 5_000 });
      const later = await submitted(bench, { runAt: store.now() + 9_000 });
      expect(await ids(10, 'copy')).toEqual([]);
      expect(await nextAt(lane('copy'), lane('other'))).toBe(late.runAt);
      clock.advance(4_999);
      expect(await ids(10, 'copy')).toEqual([]);
      clock.advance(1);
      expect(await ids(10, 'copy')).toEqual([late.id]);
      expect(await nextAt(lane('copy'))).toBe(later.runAt);
      clock.advance(60_000);
      expect(await ids(10, 'copy')).toEqual([later.id]);
      expect(await nextAt(lane('copy'))).toBeNull();
    });

    test('more delayed jobs than one claim looks at all start once they are due', async () => {
      const { store, clock } = bench;
      const runAt = store.now() + 1_000;
      await Promise.all(
        Array.from({ length: 1_500 }, (_, n) => submitted(bench, { runAt: runAt + (n % 7), caller: `c${n % 10}` })),
      );
      clock.advance(2_000);
      const started = new Set<string>();
      for (let n = 0; n < 4; n += 1) for (const id of await ids(500, 'copy')) started.add(id);
      expect(started.size).toBe(1_500);
    });

    test('a job that is tried again later waits for its time; one that is handed back does not', async () => {
      const { store, clock } = bench;
      await submitted(bench);
      const [first] = await claim(bench, 1, 'copy');
      if (first === undefined) throw new Error('no job');
      await store.change(leased(first, retryLater(first, 'executor-crashed', 'It died.', store.now() + 3_000)));
      expect(await ids(1, 'copy')).toEqual([]);
      clock.advance(3_000);
      const [second] = await claim(bench, 1, 'copy');
      if (second === undefined) throw new Error('no job');
      expect(second).toMatchObject({ attempt: 2, handOuts: 2 });
      await store.change(leased(second, release(second, 'its worker stopped')));
      const [third] = await claim(bench, 1, 'copy');
      expect(third).toMatchObject({ id: first.id, attempt: 2, handOuts: 3 });
    });

    test('a paused service hands out nothing and does not hold up the others; resumed, it goes on', async () => {
      const { store } = bench;
      const job = await submitted(bench);
      const other = await submitted(bench, { service: 'other' });
      await store.setPaused('copy', true);
      expect(await ids(10, 'copy', 'other')).toEqual([other.id]);
      expect(await nextAt(lane('copy'))).toBeNull();
      await store.setPaused('copy', false);
      expect(await ids(10, 'copy')).toEqual([job.id]);
    });

    test('a service runs at most as many jobs at once as its concurrency allows, over all workers', async () => {
      const { store } = bench;
      for (let n = 0; n < 5; n += 1) await submitted(bench);
      const two = lane('copy', { concurrency: 2 });
      const claims = (await Promise.all([claim(bench, 10, two), claim(bench, 10, two)])).flat();
      expect(claims).toHaveLength(2);
      expect(await ids(10, two)).toEqual([]);
      const [done] = claims;
      if (done === undefined) throw new Error('no job');
      await store.change(leased(done, succeed(done, [], store.now(), retentionMs)));
      expect(await ids(10, two)).toHaveLength(1);
    });

    test('a rate allows a burst, then one start at a time, and the store tells when the next is due', async () => {
      const { clock } = bench;
      for (let n = 0; n < 8; n += 1) await submitted(bench);
      const limited = lane('copy', { rate: { limit: 3, perMs: 10_000 } });
      expect(await ids(10, limited)).toHaveLength(3);
      expect(await ids(10, limited)).toEqual([]);
      for (let n = 0; n < 3; n += 1) {
        const due = await nextAt(limited);
        if (due === null) throw new Error('no next start');
        clock.advance(due - clock.now() - 1);
        expect(await ids(10, limited)).toEqual([]);
        clock.advance(1);
        expect(await ids(10, limited)).toHaveLength(1);
      }
      clock.advance(60_000);
      expect(await ids(10, limited)).toHaveLength(2);
    });

    test('a rate that nothing waits for announces no start', async () => {
      await submitted(bench);
      const limited = lane('copy', { rate: { limit: 1, perMs: 10_000 } });
      expect(await ids(10, limited)).toHaveLength(1);
      expect(await nextAt(limited)).toBeNull();
      await submitted(bench);
      expect(await nextAt(limited)).toBe(bench.clock.now() + 10_000);
    });

    test('the line names the next due jobs', async () => {
      const { store, clock } = bench;
      const low = await submitted(bench, { priority: -1 });
      const high = await submitted(bench, { priority: 5, caller: 'ben' });
      const delayed = await submitted(bench, { priority: 9, runAt: store.now() + 1_000 });
      await submitted(bench, { service: 'other' });
      expect(await store.line('copy', 10)).toEqual([high.id, low.id]);
      expect(await store.line('copy', 1)).toEqual([high.id]);
      clock.advance(1_000);
      expect(await store.line('copy', 10)).toEqual([delayed.id, high.id, low.id]);
    });
  });
}
