import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import type { JobEvent } from '../../core/events.ts';
import { limits } from '../../core/limits.ts';
import type { Engine } from '../../engine/engine.ts';
import { eventMessage, jobEventJson } from './cloud-events.ts';
import type { SubscriptionGroup, Topic } from './subscriptions.ts';
import { textFrame } from './text-frame.ts';

const pageMax = 500;

export interface CatchingUp {
  readonly caller: string;
  readonly topics: readonly Topic[];
  readonly group: SubscriptionGroup;
  /** Behind this position nothing has been told. */
  readonly since: number;
  /** What lies behind `since` is no longer told; `from` is where the group goes on. */
  readonly onResync: (from: number) => void;
}

/**
 * Tells the log from `since` on, then joins what is live, without a gap and without a repeat: the group has been holding live
 * events since before the first read. Never ahead of the client: the next page is read when it has taken the last one.
 */
export async function catchUp(
  parts: { engine: Engine; clock: Clock },
  { caller, topics, group, since, onResync }: CatchingUp,
): Promise<void> {
  const { engine } = parts;
  let position = since;
  if (await isTooOld(parts, caller, topics, since)) {
    position = await engine.logEnd();
    onResync(position);
  }
  do {
    group.beginReading();
    for (let complete = false; !complete; ) {
      const page = await readPage(engine, caller, topics, position);
      for (const event of page.events) {
        tell(group, topics, event);
        position = event.position;
      }
      if (!(await group.outbox.drained())) return;
      complete = page.complete;
    }
  } while (!group.join(position));
}

/** Whether something that all of the caller's jobs would have told is out of reach. The history of a single job is kept as long as the job. */
async function isTooOld(
  { engine, clock }: { engine: Engine; clock: Clock },
  caller: string,
  topics: readonly Topic[],
  since: number,
) {
  if (since > (await engine.logEnd())) return true;
  if (!topics.some(({ kind }) => kind === 'jobs')) return false;
  const [missed] = await engine.log(caller, since, 1);
  return missed !== undefined && missed.at < clock.now() - limits.liveResumeMs;
}

function tell(group: SubscriptionGroup, topics: readonly Topic[], event: JobEvent): void {
  const json = jobEventJson(event);
  for (const topic of topics) {
    const wanted = topic.kind === 'jobs' || (topic.kind === 'job' && topic.job === event.job);
    if (wanted) group.outbox.send(textFrame(eventMessage(topic.topic, json)));
  }
}

async function readPage(
  engine: Engine,
  caller: string,
  topics: readonly Topic[],
  after: number,
): Promise<{ events: JobEvent[]; complete: boolean }> {
  if (topics.some(({ kind }) => kind === 'jobs')) {
    const events = await engine.log(caller, after, pageMax);
    return { events, complete: events.length < pageMax };
  }
  const jobs = topics.flatMap((topic) => (topic.kind === 'job' ? [topic.job] : []));
  const histories = await Promise.all(jobs.map((job) => historyOf(engine, caller, job, after)));
  return { events: histories.flat().sort((a, b) => a.position - b.position), complete: true };
}

/** Few lines a job. Of one that was removed meanwhile there is nothing to tell. */
async function historyOf(engine: Engine, caller: string, job: string, after: number): Promise<JobEvent[]> {
  try {
    return await engine.events(caller, job, after);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'not-found') return [];
    throw error;
  }
}
