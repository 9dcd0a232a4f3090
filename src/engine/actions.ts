import { ServiceError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import { hasEnded, type Job } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import { timeSlices } from '../core/time-slices.ts';
import type { ActionCounts, ActionName, ActionTarget, JobAction } from '../ports/job-actions.ts';
import type { KeptAnswer } from '../ports/job-store.ts';
import { cancelJob, removeJob, retryJob } from './control.ts';
import type { EngineParts } from './parts.ts';
import { reservationLost } from './reservation-lost.ts';

/** Jobs that one step acts on at once: their writes share a commit. */
const pageMax = 200;
/** So many jobs are looked at to say at once how many a filter finds. */
const lookMax = 1_000;
/** Under this name whoever works off actions is woken. No service has such a name. */
export const actionsWake = '/v1/jobs/actions';

export interface ActionRequest {
  readonly caller: string;
  readonly action: ActionName;
  readonly target: ActionTarget;
  readonly traceId: string;
  /** Makes the answer that is kept for the idempotency key of the request. */
  readonly answer?: (action: JobAction) => KeptAnswer;
}

/** Makes the action durable; the work is done by `workOnAction`, whatever happens to this process. */
export async function startAction(parts: EngineParts, { caller, action: name, target, traceId, answer }: ActionRequest) {
  const { store, wakeUp, log } = parts;
  const counts = await firstCounts(parts, caller, target);
  const now = store.now();
  const action: JobAction = {
    // Later than the look: a filter means the jobs that were there before.
    id: newId(),
    caller,
    action: name,
    target,
    cursor: null,
    counts,
    traceId,
    createdAt: now,
    finishedAt: null,
    expiresAt: now + limits.actionKeepMs,
  };
  if (!(await store.insertAction(action, answer?.(action)))) throw reservationLost();
  log.info({ traceId, action: action.id, caller, does: name, ...counts }, 'action.started');
  wakeUp.wake(actionsWake);
  return action;
}

/** The caller's action; another's and an unknown one are the same `not-found`. */
export async function findAction({ store }: Pick<EngineParts, 'store'>, caller: string, id: string): Promise<JobAction> {
  const action = await store.getAction(id);
  if (action === null || action.caller !== caller) throw new ServiceError('not-found', `There is no action ${id}.`);
  return action;
}

/**
 * Takes one step of the oldest open action: acts on its next jobs, then notes how far it is. A crash between the two has the
 * step taken again, which finds its jobs done and counts them as skipped. Resolves with the number of jobs that were looked at
 * (1 for a step that found none), and with 0 where no action is open.
 */
export async function workOnAction(parts: EngineParts): Promise<number> {
  const action = await parts.store.nextAction();
  if (action === null) return 0;
  const { jobs, cursor, finished } = await nextPage(parts, action);
  const outcomes = await Promise.all(jobs.map((id) => actOn(parts, action, id)));
  const counts = countsAfter(action, outcomes);
  const finishedAt = finished ? parts.store.now() : null;
  const isNoted = await parts.store.advanceAction({ id: action.id, from: action.cursor, cursor, counts, finishedAt });
  if (isNoted && finished) {
    const { id, caller, traceId } = action;
    parts.log.info({ traceId, action: id, caller, does: action.action, ...counts }, 'action.finished');
  }
  return Math.max(1, jobs.length);
}

type Outcome = 'done' | 'skipped' | 'gone';

async function nextPage({ store }: EngineParts, { id, caller, target, cursor }: JobAction) {
  if ('ids' in target) {
    const from = Number(cursor ?? 0);
    const jobs = target.ids.slice(from, from + pageMax);
    const next = from + jobs.length;
    return { jobs, cursor: String(next), finished: next >= target.ids.length };
  }
  // A job that was made before the action has a smaller id.
  const page = await store.list({ ...target.filter, caller }, pageMax, cursor ?? id);
  const jobs = page.map((job) => job.id);
  return { jobs, cursor: jobs.at(-1) ?? cursor ?? id, finished: jobs.length < pageMax };
}

async function actOn(parts: EngineParts, { caller, action }: JobAction, id: string): Promise<Outcome> {
  const job = await parts.store.get(id);
  if (job === null || job.caller !== caller) return 'gone';
  if (!applies(action, job)) return 'skipped';
  try {
    if (action === 'cancel') await cancelJob(parts, caller, id);
    else if (action === 'retry') await retryJob(parts, caller, id);
    else await removeJob(parts, caller, id);
    return 'done';
  } catch (error) {
    // Somebody else was quicker, or its input has gone. Where the store does not answer, the step is taken again.
    if (error instanceof ServiceError && error.kind.status < 500) return 'skipped';
    throw error;
  }
}

function applies(action: ActionName, { state }: Job): boolean {
  if (action === 'cancel') return !hasEnded(state);
  return action === 'delete' || state === 'failed' || state === 'canceled';
}

/** A job that went since it was counted as found is counted no further. */
function countsAfter({ counts, target }: JobAction, outcomes: readonly Outcome[]): ActionCounts {
  const done = counts.done + outcomes.filter((outcome) => outcome === 'done').length;
  const skipped = counts.skipped + outcomes.filter((outcome) => outcome === 'skipped').length;
  return { ...counts, done, skipped, matched: 'ids' in target ? counts.matched : Math.max(counts.matched, done + skipped) };
}

async function firstCounts({ store }: EngineParts, caller: string, target: ActionTarget): Promise<ActionCounts> {
  const none = { done: 0, skipped: 0, missing: 0 };
  if (!('ids' in target)) return { ...none, matched: (await store.list({ ...target.filter, caller }, lookMax)).length };
  const slices = timeSlices();
  let matched = 0;
  for (const id of target.ids) {
    if ((await store.get(id))?.caller === caller) matched += 1;
    await slices.pause();
  }
  return { ...none, matched, missing: target.ids.length - matched };
}
