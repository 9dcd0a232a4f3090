/** The time of a claim on the SQLite store with 1,000,000 jobs waiting, against the same with 1,000. */
import { join } from 'node:path';
import { alternate } from '../support/alternate.mjs';
import { growthFigure } from '../support/figures.mjs';
import { median } from '../support/statistics.mjs';

const dist = new URL('../../dist/', import.meta.url);
const service = 'noop';

export async function measure({ folder, using, quick }) {
  const few = 1_000;
  const many = quick ? 20_000 : 1_000_000;
  const claims = quick ? 50 : 200;
  const stores = [];
  for (const waiting of [few, many]) stores.push(await using(openFilled(await folder(), waiting)));
  const [small, large] = stores;
  await small.claimMedian(claims);
  await large.claimMedian(claims);
  const measured = await alternate(
    quick ? 2 : 9,
    () => large.claimMedian(claims),
    () => small.claimMedian(claims),
  );
  const what = `claim with ${many.toLocaleString('en')} jobs waiting`;
  const peer = `itself with ${few.toLocaleString('en')}`;
  return [growthFigure({ what, peer, unit: 'us', measured, atMost: 1.3 })];
}

/** A store with jobs of several callers and priorities that are all due. */
async function openFilled(folder, waiting) {
  const { openSqliteJobStore } = await import(new URL('adapters/sqlite/job-store.js', dist));
  const { systemClock } = await import(new URL('core/clock.js', dist));
  const { release } = await import(new URL('core/transitions.js', dist));
  const store = openSqliteJobStore({ path: join(folder, 'jobs.sqlite'), clock: systemClock });
  for (let at = 0; at < waiting; at += 1_000) await store.submit(await submissions(at, Math.min(1_000, waiting - at), waiting));

  const lanes = [{ service, concurrency: null, rate: null }];
  const claimOne = async () => {
    const begin = performance.now();
    const { jobs } = await store.claim({ lanes, limit: 1, fetchesMax: 32, worker: 'bench', leaseMs: 20_000 });
    const tookUs = (performance.now() - begin) * 1_000;
    if (jobs.length !== 1) throw new Error(`a claim gave ${jobs.length} jobs`);
    // Handed back, so that as many wait at the next claim.
    const { next, event } = release(jobs[0], 'bench');
    if (!(await store.change({ next, event, fence: { lease: jobs[0].lease.token } }))) throw new Error('a lease did not hold');
    return tookUs;
  };
  return {
    async claimMedian(count) {
      const times = [];
      for (let claim = 0; claim < count; claim++) times.push(await claimOne());
      return median(times);
    },
    stop: () => store.close(),
  };
}

async function submissions(from, count, queuedMax) {
  const { newId } = await import(new URL('core/ids.js', dist));
  const now = Date.now() - 1_000;
  return Array.from({ length: count }, (_, at) => ({
    job: {
      id: newId(),
      caller: `caller-${(from + at) % 10}`,
      service,
      state: 'queued',
      version: 1,
      priority: (from + at) % 3,
      labels: {},
      options: {},
      source: null,
      link: null,
      traceId: '0'.repeat(32),
      attempt: 0,
      maxAttempts: 3,
      handOuts: 0,
      progress: null,
      createdAt: now,
      runAt: now,
      startedAt: null,
      finishedAt: null,
      expiresAt: now + 86_400_000,
      deadline: null,
      lease: null,
      error: null,
      outputs: [],
      reuseKey: null,
      reusedFrom: null,
      resultExpired: false,
    },
    events: [{ type: 'job.queued', data: {} }],
    queuedMax,
  }));
}
