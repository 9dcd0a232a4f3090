import { dirname } from 'node:path';
import { openFilesystemBlobStore } from '../adapters/filesystem/blob-store.ts';
import { createMemoryEventBus } from '../adapters/memory/event-bus.ts';
import { createMemoryWakeUp } from '../adapters/memory/wake-up.ts';
import { openThreadedJobStore } from '../adapters/sqlite/threaded-job-store.ts';
import type { Clock } from '../core/clock.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { DocumentStore } from '../ports/document-store.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { Measures } from '../ports/metrics.ts';
import type { WakeUp } from '../ports/wake-up.ts';
import { makeFolders } from './make-folders.ts';
import type { Settings } from './settings.ts';

export interface Adapters {
  readonly store: JobStore & DocumentStore;
  readonly blobs: BlobStore;
  readonly bus: EventBus;
  readonly wakeUp: WakeUp;
}

/** Opens what the settings name. */
export async function openAdapters(
  { database, blobs }: Settings,
  clock: Clock,
  measures: Measures,
  onError: (error: unknown) => void,
): Promise<Adapters> {
  await makeFolders(dirname(database.path));
  await makeFolders(blobs.path);
  const store = await openThreadedJobStore({ path: database.path, clock, onCommit: measures.committed });
  return {
    store,
    blobs: await openFilesystemBlobStore({ folder: blobs.path }),
    bus: createMemoryEventBus({ onError }),
    wakeUp: createMemoryWakeUp({ onError }),
  };
}
