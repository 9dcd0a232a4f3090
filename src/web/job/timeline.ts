import type { JobEventView } from '../../client/client.ts';

/** Something that happened while nobody worked on the job. */
export interface Happening {
  readonly kind: 'happening';
  readonly event: JobEventView;
}

/** One go at the job, from its start to however it ended. */
export interface Attempt {
  readonly kind: 'attempt';
  readonly started: JobEventView;
  /** Null while it runs. */
  readonly ended: JobEventView | null;
}

/** `waitedMs`: how long nothing happened before it. */
export type Step = (Happening | Attempt) & { readonly waitedMs: number | null };

/** The history of a job, oldest first, with each attempt as one step. */
export function timeline(events: readonly JobEventView[]): Step[] {
  const steps: Step[] = [];
  let before: JobEventView | null = null;
  let running: JobEventView | null = null;
  for (const event of events) {
    const waitedMs = before === null ? null : Date.parse(event.at) - Date.parse(before.at);
    const last = steps.at(-1);
    if (event.type === 'job.started') {
      steps.push({ kind: 'attempt', started: event, ended: null, waitedMs });
      running = event;
    } else if (running !== null && last?.kind === 'attempt' && event.type !== 'job.queued') {
      steps[steps.length - 1] = { ...last, ended: event };
      running = null;
    } else {
      steps.push({ kind: 'happening', event, waitedMs });
      running = null;
    }
    before = event;
  }
  return steps;
}
