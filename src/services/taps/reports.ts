import type { Clock } from '../../core/clock.ts';
import { limits } from '../../core/limits.ts';
import type { DocumentChange } from '../../ports/document-store.ts';
import type { Log } from '../../ports/log.ts';
import { type BeerDocuments, beersCollection } from './beer-documents.ts';

export interface ReportParts {
  readonly documents: Pick<BeerDocuments, 'write' | 'countEach'>;
  readonly clock: Clock;
  readonly log: Log;
  /** While something changes, a report comes so often. */
  readonly reportMs: number;
}

export interface Reports {
  /** A beer with this number was poured. */
  poured(number: number): void;
  /** A beer was removed, or it is not known what has happened. */
  changed(): void;
  /** Resolves when no report is being written any more. */
  stop(): Promise<void>;
}

/** The store adds the beers of each tap, as they are at this place of the log. */
export const shareReport: DocumentChange = {
  kind: 'tell',
  collection: beersCollection.name,
  event: { type: 'taps.report', data: {} },
  counted: 'tapId',
};

/**
 * Tells how the beers are shared among the taps: some time after a change, and soon after every tenth pour. The store counts
 * within the commit of the report, so that it is exact at its place of the log.
 */
export function createReports({ documents, clock, log, reportMs }: ReportParts): Reports {
  /** When the next report is due; null while nothing has changed. */
  let dueAt: number | null = null;
  let clearTimer = () => {};
  let lastAt = Number.NEGATIVE_INFINITY;
  let gapMs: number = limits.tapReportGapMs;
  let writing: Promise<void> | null = null;
  let stopped = false;

  function report(): void {
    dueAt = null;
    lastAt = clock.now();
    writing = write().finally(() => {
      writing = null;
      if (dueAt !== null) arm(dueAt);
    });
  }

  async function write(): Promise<void> {
    try {
      const taps = (await documents.countEach(beersCollection.name, 'tapId')).length;
      gapMs = limits.tapReportGapMs + taps * limits.tapReportGapTapMs;
      await documents.write([shareReport]);
    } catch (error) {
      log.error({ err: error }, 'report.failed');
      due(clock.now() + reportMs);
    }
  }

  function due(at: number): void {
    if (stopped || (dueAt !== null && dueAt <= at)) return;
    dueAt = at;
    if (writing === null) arm(at);
  }

  function arm(at: number): void {
    clearTimer();
    if (stopped) return;
    clearTimer = clock.after(Math.max(0, at - clock.now()), report);
  }

  return {
    poured(number) {
      const now = clock.now();
      const isTenth = (number + 1) % limits.pourReportEach === 0;
      due(isTenth ? Math.min(Math.max(now, lastAt + gapMs), now + reportMs) : now + reportMs);
    },
    changed: () => due(clock.now() + reportMs),
    async stop() {
      stopped = true;
      clearTimer();
      await writing;
    },
  };
}
