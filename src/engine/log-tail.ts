import type { Clock } from '../core/clock.ts';
import type { DocumentEvent, JobEvent, LogEvent } from '../core/events.ts';
import type { EventBus, Notice } from '../ports/event-bus.ts';
import type { JobStore } from '../ports/job-store.ts';
import type { Log } from '../ports/log.ts';
import { createLoop } from './loop.ts';
import { oneAtATime } from './one-at-a-time.ts';

/** A notice may have been lost: the log is looked at so often at least. */
const pollMs = 1_000;
const pageMax = 1_000;

export type ProgressNotice = Extract<Notice, { kind: 'progress' }>;
export type RemovedNotice = Extract<Notice, { kind: 'removed' }>;

/** Is told what happens to all jobs of all callers, and to documents. None of its methods may throw. */
export interface TailListener {
  /** Every event of a job once, in order of position. */
  event(event: JobEvent): void;
  /** Every event of a document once; those of jobs and of documents together stand in order of position. */
  documentEvent(event: DocumentEvent): void;
  /** How far a running job is; never after an event that ended its attempt. */
  progress(notice: ProgressNotice): void;
  removed(notice: RemovedNotice): void;
}

/** The one reader of the log in this process: however many watch, the log is read once. */
export interface LogTail {
  /** All events up to here have been told, or were there before anybody listened. */
  readonly position: number;
  /** When it resolves, all events behind `position` as it is then will be told. The returned function ends it. */
  follow(listener: TailListener): Promise<() => void>;
}

export interface TailParts {
  readonly store: Pick<JobStore, 'wholeLog' | 'logEnd'>;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reads only while somebody listens. Notices and a poll wake it; what it tells is what the log says. */
export function createLogTail({ store, bus, clock, log }: TailParts): LogTail {
  const listeners = new Set<TailListener>();
  /** Told once the log has been read, so that they stand in their place behind the events. One a job: the newest. */
  const progress = new Map<string, ProgressNotice>();
  const removed = new Map<string, RemovedNotice>();
  let position = 0;
  let started: Promise<void> | null = null;
  let scheduled = false;
  /** Whether `position` is a place from which to read on. */
  let ready = false;

  async function readOn(): Promise<number> {
    let told = 0;
    let full = true;
    while (full && ready) {
      const page = await store.wholeLog({ after: position, limit: pageMax });
      for (const event of page) tell(event);
      told += page.length;
      full = page.length === pageMax;
    }
    tellNotices();
    return told;
  }

  function tell(event: LogEvent): void {
    position = event.position;
    if ('job' in event) tellOfJob(event);
    else for (const listener of listeners) listener.documentEvent(event);
  }

  function tellOfJob(event: JobEvent): void {
    if (event.type !== 'job.started') progress.delete(event.job);
    for (const listener of listeners) listener.event(event);
  }

  function tellNotices(): void {
    for (const notice of progress.values()) for (const listener of listeners) listener.progress(notice);
    progress.clear();
    for (const notice of removed.values()) for (const listener of listeners) listener.removed(notice);
    removed.clear();
  }

  const reading = oneAtATime(readOn, (error) => log.error({ err: error }, 'tail.failed'));
  const polling = createLoop(
    'tail',
    pollMs,
    async () => {
      reading.request();
      return 0;
    },
    { clock, log },
  );

  /** Notices of one turn of the event loop, a burst of commits, say, cost one look. */
  function readSoon(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      reading.request();
    });
  }

  function hear(notice: Notice): void {
    if (notice.kind === 'progress') progress.set(notice.job, notice);
    if (notice.kind === 'removed') removed.set(notice.job, notice);
    readSoon();
  }

  let unsubscribe = () => {};

  async function start(): Promise<void> {
    await reading.settled();
    position = await store.logEnd();
    ready = true;
    unsubscribe = bus.subscribe(hear);
    polling.start();
    // What was committed between the two.
    readSoon();
  }

  async function stop(): Promise<void> {
    ready = false;
    unsubscribe();
    progress.clear();
    removed.clear();
    started = null;
    await polling.stop();
  }

  return {
    get position() {
      return position;
    },
    async follow(listener) {
      listeners.add(listener);
      started ??= start();
      try {
        await started;
      } catch (error) {
        started = null;
        listeners.delete(listener);
        throw error;
      }
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) void stop();
      };
    },
  };
}
