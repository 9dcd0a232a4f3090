/** Our server with its store, engine and live sockets, that notes when each change is known to be committed. */
import { join } from 'node:path';
import { pino } from 'pino';
import { answering, childOptions } from '../support/answering.mjs';
import { noopService } from '../support/noop-service.mjs';

const dist = new URL('../../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist));
const { openFilesystemBlobStore } = await load('adapters/filesystem/blob-store.js');
const { createMemoryEventBus } = await load('adapters/memory/event-bus.js');
const { createMemoryWakeUp } = await load('adapters/memory/wake-up.js');
const { openThreadedJobStore } = await load('adapters/sqlite/threaded-job-store.js');
const { createPrometheusMetrics } = await load('adapters/prometheus/metrics.js');
const { systemClock: clock } = await load('core/clock.js');
const { createEngine } = await load('engine/create-engine.js');
const { createStorageRoom } = await load('engine/storage-room.js');
const { createServer } = await load('http/server.js');
const { createTaps } = await load('services/taps/create-taps.js');

const { folder, topic } = childOptions();
const log = pino({ level: 'silent' });
const onError = (error) => log.error(error);
const bus = createMemoryEventBus({ onError });
const metrics = createPrometheusMetrics('bench');
let committedNs = 0n;
const store = await openThreadedJobStore({ path: join(folder, 'jobs.db'), clock });
const blobs = await openFilesystemBlobStore({ folder: join(folder, 'blobs') });
const parts = {
  store,
  blobs,
  room: createStorageRoom({ store, blobs, clock, log, reserveBytes: 0 }),
  // A change is announced in the turn in which its commit is heard of.
  bus: {
    ...bus,
    publish(notice) {
      committedNs = process.hrtime.bigint();
      bus.publish(notice);
    },
  },
  wakeUp: createMemoryWakeUp({ onError }),
  clock,
  log,
  measures: metrics,
  services: new Map([[noopService.name, noopService]]),
  lanes: [],
  settings: {
    resultRetentionMs: 3_600_000,
    recordRetentionMs: 3_600_000,
    fileRetentionMs: 3_600_000,
    queuedJobsMax: 1_000_000,
    serviceQueuedJobsMax: {},
    callerQueuedJobsMax: null,
    queueWaitMaxMs: 86_400_000,
    serviceQueueWaitMax: {},
    uploadBytesMax: 1_000_000,
    leaseMs: 20_000,
  },
};
const stopping = new AbortController();
const engine = createEngine(parts, { worker: null, onRemoved: () => {}, stopping: stopping.signal });
const settings = {
  host: '127.0.0.1',
  publicUrl: null,
  trustProxy: false,
  uploadBytesMax: 1_000_000,
  openMode: true,
  clientRate: null,
};
const taps = createTaps({
  // What counts is the one event of a pour: no report comes between two of them.
  documents: { ...engine.documents, write: (changes) => (changes[0].kind === 'tell' ? [] : engine.documents.write(changes)) },
  clock,
  log,
  reportMs: 86_400_000,
});
await taps.start();
const server = await createServer({ engine, taps, settings, log, metrics, clock, version: 'bench' });
const { url } = await server.listen('127.0.0.1', 0);

/** Each changes one thing, of which one event tells. */
const changes = {
  jobs: () => engine.submit({ caller: 'anonymous', service: noopService, source: null, options: {}, traceId: '0'.repeat(32) }),
  beers: () => taps.pour({ tapId: 7, volume: 450 }),
};

answering({ url: `${url.replace('http', 'ws')}/v1/live` }, async () => {
  await changes[topic]();
  return { sentNs: String(committedNs) };
});
