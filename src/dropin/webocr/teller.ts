import type { JobEvent } from '../../core/events.ts';
import type { Engine } from '../../engine/engine.ts';
import type { SocketClient } from '../../http/drop-in.ts';
import { textFrame } from '../../http/live/text-frame.ts';
import type { Log } from '../../ports/log.ts';
import type { Entry, EntryBook } from './entry-book.ts';

const done = textFrame('Done!');
const failed = textFrame('Deploy failed!');

/** Tells each socket how the work ended that was handed in from its address. */
export interface Teller {
  connected(client: SocketClient): () => void;
  /** Resolves when whatever ends from now on will be told. */
  ready(): Promise<void>;
  /** An end that comes while the entry of its job is still being written is told once that is. */
  during<T>(writing: Promise<T>): Promise<T>;
  /** Of an entry without a job. */
  tellRefusal(entry: Entry): void;
}

export interface TellerParts {
  readonly engine: Engine;
  readonly log: Log;
  readonly book: EntryBook;
}

/** Follows the log of events only while somebody listens. */
export function createTeller({ engine, log, book }: TellerParts): Teller {
  const clients = new Set<SocketClient>();
  const underWay = new Set<Promise<unknown>>();
  let following: Promise<() => void> | null = null;

  function tell({ caller, client: address }: Entry, frame: Buffer): void {
    for (const client of clients) if (client.caller === caller && client.address === address) client.send(frame);
  }

  async function tellEnd({ job, type }: JobEvent): Promise<void> {
    try {
      await Promise.allSettled(underWay);
      const entry = await book.byId(job);
      if (entry !== null) tell(entry, type === 'job.succeeded' ? done : failed);
    } catch (error) {
      log.error({ err: error }, 'webocr.failed');
    }
  }

  function follow(): Promise<() => void> {
    return engine.tail.follow({
      event(event) {
        if (event.service === 'ocr' && ['job.succeeded', 'job.failed', 'job.canceled'].includes(event.type)) void tellEnd(event);
      },
      documentEvent() {},
      progress() {},
      removed() {},
    });
  }

  async function ready(): Promise<void> {
    if (clients.size === 0) return;
    following ??= follow();
    try {
      await following;
    } catch (error) {
      // The next one tries again; the work itself does not depend on it.
      following = null;
      log.error({ err: error }, 'webocr.failed');
    }
  }

  function leave(client: SocketClient): void {
    clients.delete(client);
    if (clients.size > 0 || following === null) return;
    const ended = following;
    following = null;
    ended.then(
      (unfollow) => unfollow(),
      () => {},
    );
  }

  return {
    connected(client) {
      clients.add(client);
      void ready();
      return () => leave(client);
    },
    ready,
    async during(writing) {
      underWay.add(writing);
      try {
        return await writing;
      } finally {
        underWay.delete(writing);
      }
    },
    tellRefusal: (entry) => tell(entry, failed),
  };
}
