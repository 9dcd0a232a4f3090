// A worker process on a database that others use, too: what `coatcheck worker` is to a shared store. Used to be stopped and continued.
import { join } from 'node:path';
import { pino } from 'pino';
import { openFilesystemBlobStore } from '../../dist/adapters/filesystem/blob-store.js';
import { createMemoryEventBus } from '../../dist/adapters/memory/event-bus.js';
import { createMemoryWakeUp } from '../../dist/adapters/memory/wake-up.js';
import { createPrometheusMetrics } from '../../dist/adapters/prometheus/metrics.js';
import { openSqliteJobStore } from '../../dist/adapters/sqlite/job-store.js';
import { systemClock } from '../../dist/core/clock.js';
import { createExecutorPool } from '../../dist/engine/executor/pool.js';
import { createStorageRoom } from '../../dist/engine/storage-room.js';
import { createWorker } from '../../dist/engine/worker.js';

const [folder, name, settings, service] = process.argv.slice(2);
const log = pino(pino.destination({ dest: 1, sync: true }));
const onError = (error) => log.error({ err: error }, 'listener.failed');
const { task, ...rest } = JSON.parse(service);
const installed = { ...rest, task: new URL(task) };
const pool = await createExecutorPool({
  size: 1,
  folder: join(folder, name),
  services: [installed],
  sandbox: 'none',
  clock: systemClock,
  log: (level, fields, message) => log[level](fields, message),
});
const store = openSqliteJobStore({ path: join(folder, 'jobs.db'), clock: systemClock });
const blobs = await openFilesystemBlobStore({ folder: join(folder, 'blobs') });
const parts = {
  store,
  blobs,
  room: createStorageRoom({ store, blobs, clock: systemClock, log, reserveBytes: 0 }),
  bus: createMemoryEventBus({ onError }),
  wakeUp: createMemoryWakeUp({ onError }),
  clock: systemClock,
  log,
  measures: createPrometheusMetrics('0.0.0'),
  services: new Map([[installed.name, installed]]),
  lanes: [{ service: installed.name, concurrency: null, rate: null }],
  settings: JSON.parse(settings),
};
createWorker(parts, pool, name).start();
setInterval(() => {}, 1000);
