import { ServiceError } from '../../core/errors.ts';
import { isId } from '../../core/ids.ts';
import { limits } from '../../core/limits.ts';
import { invalidFields } from '../validation.ts';
import type { Form } from './forms.ts';
import type { Outbox } from './outbox.ts';

/** Events that may wait while the log is read for a subscription; beyond that they are read from the log, too. */
const heldMax = 1_000;

/** What one client hears: a topic, and under which key the hub finds it. */
export interface Subscription {
  readonly topic: string;
  readonly key: string;
  readonly group: SubscriptionGroup;
  readonly form: Form;
}

/** The topics of one `subscribe`: they catch up together, so that their events come in one order. */
export class SubscriptionGroup {
  readonly outbox: Outbox;
  /** What is up to here was told from the log, or is not wanted. */
  #floor: number;
  /** Live events that wait until the log has been read; null once it has. */
  #held: { position: number; frame: Buffer }[] | null;
  #overflowed = false;

  /** Live from behind `floor` on; or, with `catchUp`, once `join` is called. */
  constructor(outbox: Outbox, floor: number, catchUp: boolean) {
    this.outbox = outbox;
    this.#floor = floor;
    this.#held = catchUp ? [] : null;
  }

  get isLive(): boolean {
    return this.#held === null;
  }

  /** A live event: goes out at once, or waits for its place. */
  hear(position: number, frame: Buffer): void {
    if (this.#held === null) {
      if (position > this.#floor) this.outbox.send(frame);
    } else if (this.#held.length < heldMax && !this.#overflowed) {
      this.#held.push({ position, frame });
    } else {
      this.#held = [];
      this.#overflowed = true;
    }
  }

  /** To be called before the log is read: what is not held from now on is in the log by then. */
  beginReading(): void {
    this.#overflowed = false;
  }

  /** The log has been read and told up to `floor`: goes live. False where too much has happened meanwhile: it must be read on. */
  join(floor: number): boolean {
    if (this.#overflowed) return false;
    this.#floor = floor;
    const held = this.#held ?? [];
    this.#held = null;
    for (const { position, frame } of held) this.hear(position, frame);
    return true;
  }
}

const plainTopics = ['jobs', 'queues', 'beers', 'taps'] as const;
type PlainTopic = (typeof plainTopics)[number];

/** `jobs` of a caller, `job:ID`, and what is the same for all. */
export type Topic =
  | { readonly kind: PlainTopic; readonly topic: string }
  | { readonly kind: 'job'; readonly topic: string; readonly job: string };

/** Throws `validation-error` for what is no topic and `not-found` for what can be nobody's job. */
export function readTopics(topics: readonly string[]): Topic[] {
  return [...new Set(topics)].map((topic) => {
    const plain = plainTopics.find((name) => name === topic);
    if (plain !== undefined) return { kind: plain, topic };
    const pointer = `#/topics/${topics.indexOf(topic)}`;
    if (!topic.startsWith('job:'))
      throw invalidFields([{ pointer, detail: `is no topic: there is ${plainTopics.join(', ')} and job:ID` }]);
    const job = topic.slice('job:'.length).toLowerCase();
    if (!isId(job)) throw noJob(pointer);
    return { kind: 'job', topic, job };
  });
}

export function noJob(pointer: string): ServiceError {
  return new ServiceError('not-found', 'There is no job with this id.', {
    fields: [{ pointer, detail: 'there is no such job' }],
  });
}

export function refuseTooMany(count: number): void {
  if (count <= limits.liveTopicsMax) return;
  throw new ServiceError('too-many-subscriptions', `A socket may have ${limits.liveTopicsMax} topics; this would make ${count}.`);
}
