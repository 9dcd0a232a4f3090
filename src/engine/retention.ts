import { limits } from '../core/limits.ts';
import type { EngineParts } from './parts.ts';

const batchMax = 500;
/** Older blobs without a record were left behind by a crash between the bytes and the commit; younger ones may just be on their way. */
const orphanAgeMs = 3_600_000;

/** Removes what is past its time, records first, then the bytes that nothing refers to any more. */
export async function pruneExpired(parts: EngineParts): Promise<number> {
  let removed = 0;
  for (;;) {
    const { results, jobs, files, answers, actions, blobs } = await parts.store.prune(batchMax, parts.settings.recordRetentionMs);
    await Promise.all(blobs.map((blob) => parts.blobs.remove(blob)));
    removed += results + jobs + files + answers + actions;
    if (Math.max(results, jobs, files, answers, actions) < batchMax) return removed;
  }
}

/** Removes the events of documents that nobody can resume behind any more. */
export async function pruneDocumentLog({ store }: Pick<EngineParts, 'store'>): Promise<number> {
  let removed = 0;
  for (let last = batchMax; last === batchMax; ) {
    last = await store.pruneDocumentLog(batchMax, limits.liveResumeMs);
    removed += last;
  }
  return removed;
}

/** Removes bytes that no record refers to. */
export async function removeOrphans({ blobs, store }: Pick<EngineParts, 'blobs' | 'store'>): Promise<number> {
  let removed = 0;
  for await (const page of blobs.older(orphanAgeMs)) {
    const orphans = await store.unreferencedBlobs(page);
    await Promise.all(orphans.map((blob) => blobs.remove(blob)));
    removed += orphans.length;
  }
  return removed;
}
