import { beersCollectionName } from '../../core/beer.ts';
import type { Clock } from '../../core/clock.ts';
import type { DocumentEvent, JobEvent } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import { limits } from '../../core/limits.ts';
import type { Engine } from '../../engine/engine.ts';
import type { ProgressNotice, RemovedNotice, TailListener } from '../../engine/log-tail.ts';
import type { Log } from '../../ports/log.ts';
import type { Taps } from '../../ports/taps.ts';
import { tapViews } from '../beers/tap-views.ts';
import { liveCursor } from '../cursor.ts';
import { queueView } from '../routes/operations.ts';
import { createChangingList } from './changing-list.ts';
import { beersEventText, type EventText, jobEventText, listText, progressText, removedText } from './cloud-events.ts';
import type { Form } from './forms.ts';
import type { Subscription, Topic } from './subscriptions.ts';
import { TapSockets } from './tap-sockets.ts';

/** A reader, as far as the hub has to do with it. */
export interface HubMember {
  /** Streams are not counted among the sockets. */
  readonly kind: 'socket' | 'stream';
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
  /** How many sockets there are. */
  readonly size: number;
  readonly tapSockets: TapSockets;
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
  readonly taps: Taps;
  readonly clock: Clock;
  readonly log: Log;
}

export function keyOf(topic: Topic, caller: string): string {
  if (topic.kind === 'jobs') return `jobs ${caller}`;
  return topic.kind === 'job' ? `job ${topic.job}` : topic.kind;
}

export function createHub({ engine, taps, clock, log }: HubParts): Hub {
  const members = new Set<HubMember>();
  const index = new Map<string, Set<Subscription>>();
  const instance = newId();
  let following: Promise<() => void> | null = null;
  let marks = 0;
  let sockets = 0;
  let clearBeat: (() => void) | null = null;
  const tapSockets = new TapSockets();

  /** An id for what is not in the log. */
  function liveId(): string {
    marks += 1;
    return liveCursor(engine.tail.position, `${instance}-${marks.toString(36)}`);
  }

  /** Calls `tell` for every subscription of these keys, with the frame of its topic. */
  function spread(
    keys: readonly string[],
    textOf: () => EventText,
    tell: (subscription: Subscription, frame: Buffer) => void,
  ): void {
    let text: EventText | null = null;
    for (const key of keys) {
      let topic: string | null = null;
      let form: Form | null = null;
      let frame: Buffer = Buffer.alloc(0);
      for (const subscription of index.get(key) ?? []) {
        if (subscription.topic !== topic || subscription.form !== form) {
          text ??= textOf();
          topic = subscription.topic;
          form = subscription.form;
          frame = form(topic, text);
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
        () => jobEventText(event),
        ({ topic, group }, frame) => {
          group.outbox.forget(`${topic} ${event.job}`);
          group.hear(event.position, frame);
        },
      );
    },
    documentEvent(event: DocumentEvent) {
      if (event.collection !== beersCollectionName) return;
      spread(
        ['beers'],
        () => beersEventText(event),
        ({ group }, frame) => group.hear(event.position, frame),
      );
    },
    progress(notice: ProgressNotice) {
      const textOf = () => progressText(notice, liveId(), clock.now());
      spread(keysOf(notice), textOf, ({ topic, group }, frame) => {
        if (group.isLive) group.outbox.sendLatest(`${topic} ${notice.job}`, frame);
      });
    },
    removed(notice: RemovedNotice) {
      const textOf = () => removedText(notice, liveId(), clock.now());
      spread(keysOf(notice), textOf, ({ topic, group }, frame) => {
        group.outbox.forget(`${topic} ${notice.job}`);
        group.hear(Number.MAX_SAFE_INTEGER, frame);
      });
    },
  };

  const lists = new Map([
    [
      'queues',
      createChangingList({
        name: 'queues',
        clock,
        log,
        read: async () => Promise.all((await engine.queues()).map((queue) => queueView({ engine, clock }, queue))),
        textOf: (items) => listText('queues.changed', items, liveId(), clock.now()),
      }),
    ],
    [
      'taps',
      createChangingList({
        name: 'taps',
        clock,
        log,
        read: () => tapViews(taps, tapSockets.counts),
        textOf: (items) => listText('taps.changed', items, liveId(), clock.now()),
      }),
    ],
  ]);

  function beat(): void {
    for (const member of members) if (!member.beat()) member.terminate();
    clearBeat = clock.after(limits.liveHeartbeatMs, beat);
  }

  return {
    get position() {
      return engine.tail.position;
    },
    get size() {
      return sockets;
    },
    tapSockets,
    get bufferedBytes() {
      return [...members].reduce((sum, member) => sum + member.bufferedBytes, 0);
    },
    join(member) {
      members.add(member);
      if (member.kind === 'socket') sockets += 1;
      clearBeat ??= clock.after(limits.liveHeartbeatMs, beat);
    },
    leave(member) {
      if (!members.delete(member)) return;
      if (member.kind === 'socket') sockets -= 1;
      tapSockets.leave(member);
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
      const list = lists.get(subscription.key);
      if (list !== undefined) {
        list.add(subscription);
        return;
      }
      const known = index.get(subscription.key) ?? new Set();
      index.set(subscription.key, known.add(subscription));
    },
    remove(subscription) {
      lists.get(subscription.key)?.remove(subscription);
      const known = index.get(subscription.key);
      known?.delete(subscription);
      if (known?.size === 0) index.delete(subscription.key);
    },
    goAway() {
      for (const member of [...members]) member.goAway();
    },
    close() {
      clearBeat?.();
      for (const list of lists.values()) list.close();
      for (const member of [...members]) member.terminate();
    },
  };
}
