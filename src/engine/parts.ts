import type { Clock } from '../core/clock.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { DocumentStore } from '../ports/document-store.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { JobStore, ServiceLane } from '../ports/job-store.ts';
import type { Log } from '../ports/log.ts';
import type { Measures } from '../ports/metrics.ts';
import type { Service } from '../ports/service.ts';
import type { SourceFetcher } from '../ports/source-fetcher.ts';
import type { WakeUp } from '../ports/wake-up.ts';
import type { ReceiveFetched } from './received.ts';
import type { StorageRoom } from './storage-room.ts';

/** What every step of the engine works with; made once, in `app/`. */
export interface EngineParts {
  readonly store: JobStore & DocumentStore;
  readonly blobs: BlobStore;
  readonly bus: EventBus;
  readonly wakeUp: WakeUp;
  readonly room: StorageRoom;
  readonly fetcher: SourceFetcher;
  /** Looks at what was fetched as at an upload. */
  readonly receiveFetched: ReceiveFetched;
  readonly clock: Clock;
  readonly log: Log;
  readonly measures: Measures;
  readonly services: ReadonlyMap<string, Service>;
  /** Limits of each installed service on starts and concurrency. */
  readonly lanes: readonly ServiceLane[];
  readonly settings: EngineSettings;
}

export interface EngineSettings {
  /** How long the result, outputs and input of a finished job are kept. */
  readonly resultRetentionMs: number;
  /** How much longer its record and history are kept. */
  readonly recordRetentionMs: number;
  /** How long an uploaded file is kept. */
  readonly fileRetentionMs: number;
  /** Jobs of all callers that may wait. */
  readonly queuedJobsMax: number;
  /** Of a service. */
  readonly serviceQueuedJobsMax: Readonly<Record<string, number>>;
  /** Of one caller; null for no limit. */
  readonly callerQueuedJobsMax: number | null;
  /** How long a job may have to wait, as far as can be told, when it is accepted. */
  readonly queueWaitMaxMs: number;
  /** The same for single services. */
  readonly serviceQueueWaitMax: Readonly<Record<string, number>>;
  readonly uploadBytesMax: number;
  /** How long a worker that gives no sign of life keeps its jobs. */
  readonly leaseMs: number;
}
