import type { Clock } from '../../core/clock.ts';
import type { JobEvent } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import { limits } from '../../core/limits.ts';
import type { Engine } from '../../engine/engine.ts';
import type { ProgressNotice, RemovedNotice, TailListener } from '../../engine/log-tail.ts';
import type { Log } from '../../ports/log.ts';
import { liveCursor } from '../cursor.ts';
import { queueView } from '../routes/operations.ts';
import { eventMessage, jobEventJson, progressJson, queuesJson, removedJson } from './cloud-events.ts';
import type { Subscription, Topic } from './subscriptions.ts';
import { textFrame } from './text-frame.ts';

const queuesMs = 1_000;
const queuesKey = 'queues';

/** A socket, as far as the hub has to do with it. */
export interface HubMember {
  /** Whether the client has given a sign of life since the last call; asks it for another one. */
  beat(): boolean;
  terminate(): void;
  /** Bytes that wait for the client. */
  readonly bufferedBytes: number;
  /** Closes in good order. */
  goAway(): void;
}

/** Brings what the tail of the log tells to all sockets that want it: each event is made into bytes once, however many hear it. */
export interface Hub {
  /** Where the tail is; to be called after `ready`. */
  readonly position: number;
  readonly size: number;
  /** Bytes that wait for all clients together. */
  readonly bufferedBytes: number;
  join(member: HubMember): void;
  leave(member: HubMember): void;
  /** Resolves when whatever is committed from now on will be told. */
  ready(): Promise<void>;
  add(subscription: Subscription): void;
  remove(subscription: Subscription): void;
  /** Asks all clients to go, and cuts those that are still there after a while. */
  goAway(): void;
  /** Cuts everybody off. */
  close(): void;
}

export interface HubParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
}

export function keyOf(topic: Topic, caller: string): string {
  if (topic.kind === 'jobs') return `jobs ${caller}`;
  return topic.kind === 'job' ? `job ${topic.job}` : queuesKey;
}

export function createHub({ engine, clock, log }: HubParts): Hub {
  const members = new Set<HubMember>();
  const index = new Map<string, Set<Subscription>>();
  const instance = newId();
  let following: Promise<() => void> | null = null;
  let marks = 0;
  let clearBeat: (() => void) | null = null;
  let clearQueues: (() => void) | null = null;
  let queuesText = '';

  /** An id for what is not in the log. */
  function liveId(): string {
    marks += 1;
    return liveCursor(engine.tail.position, `${instance}-${marks.toString(36)}`);
  }

  /** Calls `tell` for every subscription of these keys, with the frame of its topic. */
  function spread(keys: readonly string[], json: () => string, tell: (subscription: Subscription, frame: Buffer) => void): void {
    let text: string | null = null;
    for (const key of keys) {
      let topic: string | null = null;
      let frame: Buffer = Buffer.alloc(0);
      for (const subscription of index.get(key) ?? []) {
        if (subscription.topic !== topic) {
          text ??= json();
          topic = subscription.topic;
          frame = textFrame(eventMessage(topic, text));
        }
        tell(subscription, frame);
      }
    }
  }

  const keysOf = ({ caller, job }: { caller: string; job: string }) => [`jobs ${caller}`, `job ${job}`];

  const listener: TailListener = {
    event(event: JobEvent) {
      spread(
        keysOf(event),
        () => jobEventJson(event),
        ({ topic, group }, frame) => {
          group.outbox.forget(`${topic} ${event.job}`);
          group.hear(event.position, frame);
        },
      );
    },
    // No topic tells of documents.
    documentEvent() {},
    progress(notice: ProgressNotice) {
      const json = () => progressJson(notice, liveId(), clock.now());
      spread(keysOf(notice), json, ({ topic, group }, frame) => {
        if (group.isLive) group.outbox.sendLatest(`${topic} ${notice.job}`, frame);
      });
    },
    removed(notice: RemovedNotice) {
      const json = () => removedJson(notice, liveId(), clock.now());
      spread(keysOf(notice), json, ({ topic, group }, frame) => {
        group.outbox.forget(`${topic} ${notice.job}`);
        group.hear(Number.MAX_SAFE_INTEGER, frame);
      });
    },
  };

  function beat(): void {
    for (const member of members) if (!member.beat()) member.terminate();
    clearBeat = clock.after(limits.liveHeartbeatMs, beat);
  }

  /** Looks at the queues once a second while somebody wants to know, and tells what has changed. */
  async function tellQueues(): Promise<void> {
    clearQueues = null;
    try {
      const items = await Promise.all((await engine.queues()).map((queue) => queueView({ engine, clock }, queue)));
      const text = JSON.stringify(items);
      if (text !== queuesText) {
        queuesText = text;
        spread(
          [queuesKey],
          () => queuesJson(items, liveId(), clock.now()),
          ({ topic, group }, frame) => group.outbox.sendLatest(topic, frame),
        );
      }
    } catch (error) {
      log.error({ err: error }, 'queues.failed');
    }
    if (index.has(queuesKey)) clearQueues ??= clock.after(queuesMs, () => void tellQueues());
  }

  return {
    get position() {
      return engine.tail.position;
    },
    get size() {
      return members.size;
    },
    get bufferedBytes() {
      return [...members].reduce((sum, member) => sum + member.bufferedBytes, 0);
    },
    join(member) {
      members.add(member);
      clearBeat ??= clock.after(limits.liveHeartbeatMs, beat);
    },
    leave(member) {
      members.delete(member);
      if (members.size > 0) return;
      clearBeat?.();
      clearBeat = null;
      const ended = following;
      following = null;
      ended?.then(
        (unfollow) => unfollow(),
        () => {},
      );
    },
    async ready() {
      following ??= engine.tail.follow(listener);
      try {
        await following;
      } catch (error) {
        following = null;
        throw error;
      }
    },
    add(subscription) {
      const known = index.get(subscription.key) ?? new Set();
      index.set(subscription.key, known.add(subscription));
      if (subscription.key !== queuesKey) return;
      // A new reader is told how the queues are now; the others hear the same once more.
      queuesText = '';
      clearQueues?.();
      clearQueues = clock.after(0, () => void tellQueues());
    },
    remove(subscription) {
      const known = index.get(subscription.key);
      known?.delete(subscription);
      if (known?.size === 0) index.delete(subscription.key);
    },
    goAway() {
      for (const member of [...members]) member.goAway();
    },
    close() {
      clearBeat?.();
      clearQueues?.();
      for (const member of [...members]) member.terminate();
    },
  };
}
