import { sameFile } from '../adapters/sqlite/same-file.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../ports/log.ts';

const lookMs = 1_000;
/** A folder that was moved, or a disk that was taken away, may come back within this time; until then nothing is written. */
const missingMs = 10_000;

export interface DatabaseWatch {
  /** Resolves with a sentence once the database has been out of its place for long: then only a new start helps. */
  readonly gone: Promise<string>;
  stop(): void;
}

/** Watches that the file of the database stays in its place. */
export function watchDatabase(path: string, { clock, log }: { clock: Clock; log: Log }): DatabaseWatch {
  const isThere = sameFile(path);
  let missingSince: number | null = null;
  let clearTimer = () => {};
  const gone = new Promise<string>((resolve) => {
    const look = () => {
      const there = isThere();
      if (there && missingSince !== null) log.info({ path }, 'database.back');
      if (!there && missingSince === null) log.error({ path, endsInMs: missingMs }, 'database.gone');
      missingSince = there ? null : (missingSince ?? clock.now());
      if (missingSince !== null && clock.now() - missingSince >= missingMs) {
        resolve(
          `The database ${path} was removed, or another file is in its place. Coatcheck ends, as nothing can be kept any more: bring the data folder back, or restore a backup, then start it again.`,
        );
        return;
      }
      clearTimer = clock.after(lookMs, look);
    };
    clearTimer = clock.after(lookMs, look);
  });
  return { gone, stop: () => clearTimer() };
}
