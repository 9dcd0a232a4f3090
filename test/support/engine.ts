import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import { openFilesystemBlobStore } from '../../src/adapters/filesystem/blob-store.ts';
import { createMemoryEventBus } from '../../src/adapters/memory/event-bus.ts';
import { createMemoryWakeUp } from '../../src/adapters/memory/wake-up.ts';
import { createPrometheusMetrics } from '../../src/adapters/prometheus/metrics.ts';
import { openSqliteJobStore } from '../../src/adapters/sqlite/job-store.ts';
import { createSourceFetcher, type SourceFetcherOptions } from '../../src/adapters/web/source-fetcher.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { createEngine } from '../../src/engine/create-engine.ts';
import type { Engine, SubmitRequest } from '../../src/engine/engine.ts';
import { createExecutorPool } from '../../src/engine/executor/pool.ts';
import type { EngineParts, EngineSettings } from '../../src/engine/parts.ts';
import { createStorageRoom } from '../../src/engine/storage-room.ts';
import { createWorker, type Worker } from '../../src/engine/worker.ts';
import { receiveFetched } from '../../src/http/intake/receive-fetched.ts';
import type { ServiceLane } from '../../src/ports/job-store.ts';
import type { Metrics } from '../../src/ports/metrics.ts';
import type { Service } from '../../src/ports/service.ts';
import { temporaryFolder } from './program.ts';

/** A service whose work is the task in `test/support/tasks/<task>.mjs`. */
export function testService(name: string, task: string, more: Partial<Service> = {}): Service {
  return {
    name,
    title: name,
    summary: 'For tests.',
    version: '1',
    accepts: ['image/png', 'text/plain'],
    produces: ['image/png', 'text/plain'],
    contract: { options: Type.Object({}), result: Type.Object({}) },
    task: new URL(`./tasks/${task}.mjs`, import.meta.url),
    limits: { timeMs: 10_000, memoryBytes: 512 * 1024 ** 2 },
    ...more,
  };
}

export const testSettings: EngineSettings = {
  resultRetentionMs: 3_600_000,
  recordRetentionMs: 3_600_000,
  fileRetentionMs: 3_600_000,
  queuedJobsMax: 1_000,
  serviceQueuedJobsMax: {},
  callerQueuedJobsMax: null,
  queueWaitMaxMs: 86_400_000,
  serviceQueueWaitMax: {},
  uploadBytesMax: 10_000_000,
  leaseMs: 20_000,
};

export interface TestEngine {
  readonly folder: string;
  readonly parts: EngineParts;
  readonly metrics: Metrics;
  readonly engine: Engine;
  readonly worker: Worker;
  /** Messages of the log so far. */
  readonly messages: string[];
  /** The same lines with their fields. */
  readonly logged: { readonly fields: object; readonly message: string }[];
  submit(service: string, more?: Partial<SubmitRequest>): ReturnType<Engine['submit']>;
  close(): Promise<void>;
}

export interface TestEngineOptions {
  readonly services: readonly Service[];
  readonly settings?: Partial<EngineSettings>;
  readonly lanes?: readonly ServiceLane[];
  readonly executors?: number;
  /** How links are fetched; unless told otherwise, from the public internet only. */
  readonly fetcher?: Partial<SourceFetcherOptions>;
  readonly clock?: Clock;
  readonly folder?: string;
}

/** An engine on SQLite, files and executors of its own, as the program wires it; the worker is not started. */
export async function openTestEngine(options: TestEngineOptions): Promise<TestEngine> {
  const temporary = await temporaryFolder();
  const folder = options.folder ?? temporary.path;
  await mkdir(folder, { recursive: true });
  const clock = options.clock ?? systemClock;
  const messages: string[] = [];
  const logged: TestEngine['logged'] = [];
  const tell = (fields: object, message: string) => {
    messages.push(message);
    logged.push({ fields, message });
  };
  const onError = (error: unknown) => {
    throw error;
  };
  const services = new Map(options.services.map((service) => [service.name, service]));
  const metrics = createPrometheusMetrics('0.0.0');
  const store = openSqliteJobStore({ path: join(folder, 'jobs.db'), clock });
  const blobs = await openFilesystemBlobStore({ folder: join(folder, 'blobs') });
  const log = { debug: tell, info: tell, warn: tell, error: tell };
  const parts: EngineParts = {
    store,
    blobs,
    room: createStorageRoom({ store, blobs, clock, log, reserveBytes: 0 }),
    bus: createMemoryEventBus({ onError }),
    wakeUp: createMemoryWakeUp({ onError }),
    fetcher: createSourceFetcher({ rules: [], version: '0.0.0', clock, ...options.fetcher }),
    receiveFetched,
    clock,
    measures: metrics,
    log,
    services,
    lanes: options.lanes ?? options.services.map(({ name }) => ({ service: name, concurrency: null, rate: null })),
    settings: { ...testSettings, ...options.settings },
  };
  const pool = await createExecutorPool({
    size: options.executors ?? 1,
    folder: join(folder, 'executors'),
    services: options.services.map(({ name, task, produces }) => ({ name, task, produces })),
    sandbox: 'none',
    log: (_level, fields, message) => tell(fields, message),
  });
  const stopping = new AbortController();
  const known = { name: 'test', host: 'here', pid: process.pid, startedAt: clock.now() };
  const engine = createEngine(parts, { worker: { ...known, pool }, onRemoved: () => {}, stopping: stopping.signal });
  const worker = createWorker(parts, pool, 'test');
  return {
    folder,
    parts,
    metrics,
    engine,
    worker,
    messages,
    logged,
    submit(name, more = {}) {
      const service = services.get(name);
      if (service === undefined) throw new Error(`no service ${name}`);
      return engine.submit({ caller: 'ann', service, source: null, options: {}, traceId: '0'.repeat(31).concat('1'), ...more });
    },
    async close() {
      stopping.abort();
      await worker.stop(0);
      await pool.close();
      await parts.store.close();
      await temporary.remove();
    },
  };
}
