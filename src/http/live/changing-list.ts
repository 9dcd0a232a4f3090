import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { EventText } from './cloud-events.ts';
import type { Subscription } from './subscriptions.ts';

const everyMs = 1_000;

/** A list that its readers are told whole when they come, and all of them when it has changed: once a second at most. */
export interface ChangingList {
  add(subscription: Subscription): void;
  remove(subscription: Subscription): void;
  close(): void;
}

export interface ChangingListParts<T> {
  /** For the log. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly read: () => Promise<T>;
  readonly textOf: (items: T) => EventText;
}

/** Looks at the list while somebody wants to know, and never else. */
export function createChangingList<T>({ name, clock, log, read, textOf }: ChangingListParts<T>): ChangingList {
  const readers = new Set<Subscription>();
  const newcomers = new Set<Subscription>();
  let known = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking = false;
  let clearTimer: (() => void) | null = null;

  async function look(): Promise<void> {
    clearTimer = null;
    looking = true;
    let failed = false;
    try {
      const items = await read();
      const itemsText = JSON.stringify(items);
      const isDue = clock.now() - lookedAt >= everyMs;
      if (isDue && itemsText !== known) tell(readers, items);
      else tell(newcomers, items);
      if (isDue) {
        known = itemsText;
        lookedAt = clock.now();
      }
      newcomers.clear();
    } catch (error) {
      failed = true;
      log.error({ err: error, list: name }, 'list.failed');
    }
    looking = false;
    schedule(failed);
  }

  function tell(to: ReadonlySet<Subscription>, items: T): void {
    if (to.size === 0) return;
    const event = textOf(items);
    const frames = new Map<Subscription['form'], Buffer>();
    for (const { topic, group, form } of to) {
      const frame = frames.get(form) ?? form(topic, event);
      frames.set(form, frame);
      group.outbox.sendLatest(topic, frame);
    }
  }

  function schedule(failed = false): void {
    if (looking || readers.size === 0) return;
    clearTimer?.();
    clearTimer = clock.after(newcomers.size > 0 && !failed ? 0 : everyMs, () => void look());
  }

  return {
    add(subscription) {
      readers.add(subscription);
      newcomers.add(subscription);
      schedule();
    },
    remove(subscription) {
      readers.delete(subscription);
      newcomers.delete(subscription);
      if (readers.size > 0) return;
      clearTimer?.();
      clearTimer = null;
    },
    close() {
      readers.clear();
      newcomers.clear();
      clearTimer?.();
    },
  };
}
