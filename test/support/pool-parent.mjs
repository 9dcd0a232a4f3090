// A server that will be killed: opens a pool of two executors, keeps both busy (or idle) and prints their process ids.
import { createExecutorPool } from '../../dist/engine/executor/pool.js';

const [sandbox, folder, task, act] = process.argv.slice(2);
const log = () => {};
const pool = await createExecutorPool({
  size: 2,
  folder,
  services: [{ name: 'test', task: new URL(task), produces: [] }],
  sandbox,
  log,
});
const executors = [pool.acquire(), pool.acquire()];
await Promise.all(executors.map((executor) => executor.prepare()));
if (act !== 'none') await Promise.all(executors.map(begin));
console.log(JSON.stringify(pool.snapshot().map(({ pid }) => pid)));

function begin(executor) {
  const assignment = {
    job: 'job',
    service: 'test',
    traceparent: '',
    options: { act },
    input: null,
    timeMs: 600_000,
    silenceMs: 600_000,
    memoryBytes: 2 ** 40,
  };
  return new Promise((resolve) => executor.run(assignment, { signal: new AbortController().signal, onProgress: resolve }));
}
