import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openMqttBroker } from '../adapters/mqtt/device-broker.ts';
import { createPrometheusMetrics } from '../adapters/prometheus/metrics.ts';
import { lockFolder } from '../adapters/sqlite/folder-lock.ts';
import { createSourceFetcher } from '../adapters/web/source-fetcher.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import { createEngine } from '../engine/create-engine.ts';
import { createExecutorPool } from '../engine/executor/pool.ts';
import type { EngineParts } from '../engine/parts.ts';
import { createStorageRoom } from '../engine/storage-room.ts';
import { createWorker } from '../engine/worker.ts';
import { receiveFetched } from '../http/intake/receive-fetched.ts';
import { openTapLink, type TapLink } from '../http/mqtt/tap-link.ts';
import { createServer, type HttpServerParts } from '../http/server.ts';
import type { ExecutorPool } from '../ports/executor-pool.ts';
import type { Log } from '../ports/log.ts';
import type { Service } from '../ports/service.ts';
import { createTaps } from '../services/taps/create-taps.ts';
import { openAdapters } from './adapters.ts';
import { openDropIns } from './drop-ins.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createLog } from './log.ts';
import { makeFolders } from './make-folders.ts';
import { modelsFolder, openServices } from './services.ts';
import type { Settings } from './settings.ts';
import { version } from './version.ts';
import { watchDatabase } from './watch-database.ts';

/** SIGTERM to exit takes at most about 20 s: running jobs get the first part, open requests the rest. */
const jobGraceMs = 12_000;
const requestGraceMs = 5_000;

/** A running server. */
export interface App {
  readonly url: string;
  /** Resolves with the reason, for people, when the server cannot go on and is to be ended at once. */
  readonly broken: Promise<string>;
  /** Takes no more work, finishes or hands back what is under way, and lets go of everything. */
  stop(): Promise<void>;
}

/** For tests and benches that bring their own. */
export interface AppParts {
  readonly services?: readonly Service[];
  readonly http?: Partial<Pick<HttpServerParts, 'clock' | 'patience'>>;
}

/** Starts everything that the settings ask for in this process. */
export async function startApp(settings: Settings, { services, http = {} }: AppParts = {}): Promise<App> {
  const { logger: log, flush } = createLog(settings.logLevel);
  const undo: (() => unknown)[] = [flush];
  const close = async () => {
    for (const step of undo.reverse()) await step();
  };
  try {
    return await start(settings, { services: services ?? (await installedServices(settings)), http }, log, undo, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Folders that executors shall see must be there when they start. */
async function installedServices(settings: Settings): Promise<readonly Service[]> {
  await makeFolders(settings.data);
  await makeFolders(modelsFolder(settings.data));
  return openServices(settings);
}

async function start(
  settings: Settings,
  { services, http }: Required<AppParts>,
  log: ReturnType<typeof createLog>['logger'],
  undo: (() => unknown)[],
  close: () => Promise<void>,
): Promise<App> {
  const clock: Clock = systemClock;
  await makeFolders(settings.data);
  const lock = lockFolder(settings.data);
  undo.push(() => lock.release());

  const metrics = createPrometheusMetrics(version);
  const adapters = await openAdapters(settings, clock, metrics, (error) => log.error({ err: error }, 'listener.failed'));
  undo.push(() => adapters.store.close());
  const watch = watchDatabase(settings.database.path, { clock, log });
  undo.push(() => watch.stop());
  await adapters.blobs.sweep();
  const parts: EngineParts = {
    ...adapters,
    room: createStorageRoom({ ...adapters, clock, log, reserveBytes: settings.storageReserveBytes }),
    fetcher: createSourceFetcher({ rules: settings.allowSource, version, clock }),
    receiveFetched,
    clock,
    log,
    measures: metrics,
    services: new Map(services.map((service) => [service.name, service])),
    lanes: services.map(({ name }) => ({
      service: name,
      concurrency: settings.serviceConcurrency[name] ?? null,
      rate: settings.serviceRate[name] ?? null,
    })),
    settings: { ...settings, leaseMs: limits.leaseMs },
  };

  const pool = settings.workers === 0 ? null : await openPool(settings, services, clock, log);
  undo.push(() => pool?.close());
  const host = hostname();
  const name = `${host}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const worker = pool === null ? null : createWorker(parts, pool, name);
  const housekeeping = createHousekeeping(parts);
  const stopping = new AbortController();
  const engine = createEngine(parts, {
    worker: pool === null ? null : { name, host, pid: process.pid, startedAt: clock.now(), pool },
    onRemoved: housekeeping.pruneSoon,
    stopping: stopping.signal,
  });
  await housekeeping.atStart();
  const taps = createTaps({ documents: engine.documents, clock, log, reportMs: settings.tapReportIntervalMs });
  await taps.start();

  let tapLink: TapLink | null = null;
  const server = await createServer({
    engine,
    taps,
    settings: { ...settings, openMode: true },
    dropIns: await openDropIns(settings.dropin, { engine, taps, clock, log, measures: metrics, settings }),
    brokerConnected: () => tapLink?.isConnected() ?? null,
    log,
    metrics,
    clock,
    version,
    ...http,
  });
  const { url } = await server.listen(settings.host, settings.port);
  const { mqtt } = settings;
  tapLink =
    mqtt === null
      ? null
      : await openTapLink({
          engine,
          taps,
          clock,
          log,
          measures: metrics,
          open: (link) => openMqttBroker({ ...link, url: mqtt, log }),
        });
  worker?.start();
  housekeeping.start();
  log.info({ url, version, workers: settings.workers, data: settings.data }, 'server.ready');

  return {
    url,
    broken: watch.gone,
    async stop() {
      log.info({}, 'server.stopping');
      server.drain();
      stopping.abort();
      await tapLink?.stop();
      await worker?.stop(jobGraceMs);
      await server.close(requestGraceMs);
      await taps.stop();
      await housekeeping.stop();
      log.info({}, 'server.stopped');
      await close();
    },
  };
}

function openPool(
  { workers, data, sandbox }: Settings,
  services: readonly Service[],
  clock: Clock,
  log: Log,
): Promise<ExecutorPool> {
  return createExecutorPool({
    size: workers,
    folder: join(data, 'executors'),
    services,
    sandbox,
    clock,
    log: (level, fields, message) => log[level](fields, message),
  });
}
