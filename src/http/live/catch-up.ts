import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import type { LogEvent } from '../../core/events.ts';
import { limits } from '../../core/limits.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Taps } from '../../ports/taps.ts';
import { beersEventText, jobEventText } from './cloud-events.ts';
import type { Form } from './forms.ts';
import type { SubscriptionGroup, Topic } from './subscriptions.ts';

const pageMax = 500;

export interface CatchUpParts {
  readonly engine: Engine;
  readonly taps: Taps;
  readonly clock: Clock;
}

export interface CatchingUp {
  readonly caller: string;
  readonly topics: readonly Topic[];
  readonly group: SubscriptionGroup;
  readonly form: Form;
  /** Behind this position nothing has been told. */
  readonly since: number;
  /** What lies behind `since` is no longer told; `from` is where the group goes on. */
  readonly onResync: (from: number) => void;
}

/** A part of the log from a position on. Where it is not complete there is more behind its last event. */
interface LogPage {
  readonly events: readonly LogEvent[];
  readonly complete: boolean;
}

/**
 * Tells the log from `since` on, then joins what is live, without a gap and without a repeat: the group has been holding live
 * events since before the first read. Never ahead of the client: the next page is read when it has taken the last one.
 */
export async function catchUp(parts: CatchUpParts, catching: CatchingUp): Promise<void> {
  const { group } = catching;
  let position = catching.since;
  if (await isTooOld(parts, catching)) {
    position = await parts.engine.logEnd();
    catching.onResync(position);
  }
  do {
    group.beginReading();
    for (let complete = false; !complete; ) {
      const page = await readPage(parts, catching, position);
      for (const event of page.events) {
        tell(catching, event);
        position = event.position;
      }
      if (!(await group.outbox.drained())) return;
      complete = page.complete;
    }
  } while (!group.join(position));
}

/** Whether something that the topics would have told is out of reach. The history of a single job is kept as long as the job. */
export async function isTooOld(
  { engine, taps, clock }: CatchUpParts,
  { caller, topics, since }: Pick<CatchingUp, 'caller' | 'topics' | 'since'>,
): Promise<boolean> {
  if (since > (await engine.logEnd())) return true;
  const oldest = clock.now() - limits.liveResumeMs;
  if (has(topics, 'jobs')) {
    const [missed] = await engine.log(caller, since, 1);
    if (missed !== undefined && missed.at < oldest) return true;
  }
  if (!has(topics, 'beers')) return false;
  const [missed] = await taps.log(since, 1);
  return (missed !== undefined && missed.at < oldest) || since < (await taps.logPruned());
}

function has(topics: readonly Topic[], kind: Topic['kind']): boolean {
  return topics.some((topic) => topic.kind === kind);
}

function tell({ topics, group, form }: CatchingUp, event: LogEvent): void {
  const text = 'job' in event ? jobEventText(event) : beersEventText(event);
  for (const topic of topics) if (isOf(topic, event)) group.outbox.send(form(topic.topic, text));
}

function isOf(topic: Topic, event: LogEvent): boolean {
  if (!('job' in event)) return topic.kind === 'beers';
  return topic.kind === 'jobs' || (topic.kind === 'job' && topic.job === event.job);
}

/** What all topics together have next, in the order of the log. */
async function readPage({ engine, taps }: CatchUpParts, { caller, topics }: CatchingUp, after: number): Promise<LogPage> {
  const pages: Promise<LogPage>[] = [];
  if (has(topics, 'jobs')) pages.push(engine.log(caller, after, pageMax).then(pageOf));
  else for (const topic of topics) if (topic.kind === 'job') pages.push(historyOf(engine, caller, topic.job, after));
  if (has(topics, 'beers')) pages.push(taps.log(after, pageMax).then(pageOf));
  return joined(await Promise.all(pages));
}

function pageOf(events: readonly LogEvent[]): LogPage {
  return { events, complete: events.length < pageMax };
}

/** Pages of several parts of the log as one: as far as all of them go. */
function joined(pages: readonly LogPage[]): LogPage {
  const ends = pages.flatMap(({ events, complete }) => (complete ? [] : [events.at(-1)?.position ?? 0]));
  const end = Math.min(...ends, Number.POSITIVE_INFINITY);
  const events = pages.flatMap((page) => page.events.filter(({ position }) => position <= end));
  return { events: events.sort((a, b) => a.position - b.position), complete: ends.length === 0 };
}

/** Few lines a job. Of one that was removed meanwhile there is nothing to tell. */
async function historyOf(engine: Engine, caller: string, job: string, after: number): Promise<LogPage> {
  try {
    return { events: await engine.events(caller, job, after), complete: true };
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'not-found') return { events: [], complete: true };
    throw error;
  }
}
