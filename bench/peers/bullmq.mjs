/** BullMQ on the Redis at `port` with a sandboxed processor: `count` no-op jobs are added, then worked off by `concurrency` children. */
import { fileURLToPath } from 'node:url';
import { Queue, Worker } from 'bullmq';
import Redis from 'ioredis';
import { answering, childOptions } from '../support/answering.mjs';

const { port, concurrency } = childOptions();
const connection = () => new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null });
const queue = new Queue('noop', { connection: connection() });
const worker = new Worker('noop', fileURLToPath(new URL('./bullmq-processor.cjs', import.meta.url)), {
  connection: connection(),
  concurrency,
  autorun: false,
});

let completed = 0;
let onCompleted = () => {};
worker.on('completed', () => {
  completed++;
  onCompleted();
});
worker.on('failed', (_job, error) => console.error(error));
worker.run();

const reached = (count) =>
  new Promise((resolve) => {
    onCompleted = () => completed >= count && resolve();
    onCompleted();
  });

/** Adds the jobs while the queue is paused, then takes the time from its resumption to the last completed job. */
async function drain({ count }) {
  await queue.pause();
  for (let at = 0; at < count; at += 1000) {
    const jobs = Array.from({ length: Math.min(1000, count - at) }, () => ({ name: 'noop', data: {} }));
    await queue.addBulk(jobs);
  }
  const all = reached(completed + count);
  const begin = performance.now();
  await queue.resume();
  await all;
  return performance.now() - begin;
}

answering({}, drain);
