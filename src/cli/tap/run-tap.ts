import { type Client, ConnectionError, ProblemError, type RetryPolicy } from '../../client/client.ts';
import { backoffMs } from '../../client/send.ts';
import type { KeptPour, KeptPours } from './kept-pours.ts';
import type { TapFlags } from './tap-flags.ts';
import type { TapView } from './tap-view.ts';

/** What is not sent yet may pile up to this; then nothing is poured until the server has taken some. */
const keptMax = 100_000;
/** A pour is sent once a call; the rest of this is how long the tap waits before it sends it again. */
export const sendingPolicy: RetryPolicy = {
  attemptsMax: 1,
  firstDelayMs: 500,
  longestDelayMs: 30_000,
  retryAfterMsMax: 3_600_000,
  reconnectsMax: Number.POSITIVE_INFINITY,
};
/** Something is wrong with the pour itself: it would be refused however often it is sent. */
const refusals: readonly number[] = [400, 409, 410, 413, 415, 422];
const passing: readonly number[] = [408, 429, 500, 502, 503, 504];

interface TapParts {
  readonly flags: Pick<TapFlags, 'id' | 'everyMs' | 'volume' | 'count'>;
  readonly client: Pick<Client, 'pour'>;
  readonly kept: KeptPours;
  readonly view: TapView;
}

/**
 * A tap that pours and sends until all of `count` are sent, or it is told to stop. Each pour is kept before it is sent, and they are
 * sent in their order; how long the server is away is no matter.
 */
export class Tap {
  readonly #parts: TapParts;
  #isPouring = true;
  #refused = 0;
  /** The server is away or busy: since then so many pours have been sent late, and where it is away, it is worth a try when it is heard of. */
  #outage: { sent: number; readonly isAway: boolean } | null = null;
  #wake: () => void = () => {};

  constructor(parts: TapParts) {
    this.#parts = parts;
  }

  /** Answers how many pours were refused. Throws `ProblemError` where the server lets this tap pour nothing at all: all stay kept. */
  async run(signal: AbortSignal): Promise<number> {
    const broken = new AbortController();
    const stopped = AbortSignal.any([signal, broken.signal]);
    const loops = [this.#pour(stopped), this.#send(stopped)];
    try {
      await Promise.all(loops);
      return this.#refused;
    } finally {
      broken.abort();
      await Promise.allSettled(loops);
    }
  }

  /** The server was heard of: what waits for it need not wait longer. */
  serverIsThere(): void {
    if (this.#outage?.isAway === true) this.#wake();
  }

  async #pour(stopped: AbortSignal): Promise<void> {
    const { flags, kept, view } = this.#parts;
    for (let made = 0; !stopped.aborted && (flags.count === null || made < flags.count); ) {
      if (kept.count < keptMax) {
        const pour = newPour(flags.id, flags.volume);
        await kept.add(pour);
        made += 1;
        view.poured(pour, this.#outage === null ? 0 : kept.count);
        if (this.#outage === null) this.#wake();
      } else view.full(keptMax);
      if (made !== flags.count) await rest(flags.everyMs * (0.5 + Math.random()), stopped);
    }
    this.#isPouring = false;
    if (this.#outage === null) this.#wake();
  }

  async #send(stopped: AbortSignal): Promise<void> {
    const { kept } = this.#parts;
    for (let failures = 0; !stopped.aborted; ) {
      const pour = kept.first();
      if (pour === undefined) {
        this.#endOutage();
        if (!this.#isPouring) return;
        await this.#restUntilWoken(null, stopped);
        continue;
      }
      const outcome = await this.#sendOnce(pour, stopped);
      if (outcome === 'settled') {
        failures = 0;
        continue;
      }
      if (stopped.aborted) return;
      failures += 1;
      await this.#restUntilWoken(Math.max(outcome.afterMs, backoffMs(sendingPolicy, failures)), stopped);
    }
  }

  /** Answers when it may be tried again where it cannot be told what became of the pour. */
  async #sendOnce(pour: KeptPour, stopped: AbortSignal): Promise<'settled' | { readonly afterMs: number }> {
    const { client, kept, view } = this.#parts;
    try {
      const beer = await client.pour(pour, { signal: stopped });
      await kept.settle(pour);
      view.sent(pour, beer);
      if (this.#outage !== null) this.#outage.sent += 1;
      return 'settled';
    } catch (error) {
      if (stopped.aborted) return { afterMs: 0 };
      if (error instanceof ProblemError && refusals.includes(error.status)) {
        await kept.settle(pour);
        this.#refused += 1;
        view.refused(pour, error);
        return 'settled';
      }
      const isBusy = error instanceof ProblemError && passing.includes(error.status);
      if (!isBusy && !(error instanceof ConnectionError)) throw error;
      if (this.#outage === null) view.away(error, kept.path);
      this.#outage = { sent: this.#outage?.sent ?? 0, isAway: !isBusy };
      return { afterMs: isBusy ? Math.min(error.retryAfterMs ?? 0, sendingPolicy.retryAfterMsMax) : 0 };
    }
  }

  /** All that was kept has been sent. */
  #endOutage(): void {
    if (this.#outage === null) return;
    this.#parts.view.back(this.#outage.sent);
    this.#outage = null;
  }

  /** `ms` null: until there is something to do. */
  #restUntilWoken(ms: number | null, stopped: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    return rest(ms, AbortSignal.any([stopped, woken.signal]));
  }
}

function newPour(tapId: number, { least, most }: TapFlags['volume']): KeptPour {
  const volume = least + Math.floor(Math.random() * (most - least + 1));
  return { tapId, volume, readingId: crypto.randomUUID(), pouredAt: new Date().toISOString() };
}

/** Resolves after `ms`, or as soon as the signal aborts. */
function rest(ms: number | null, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (until.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      until.removeEventListener('abort', end);
      resolve();
    };
    const timer = ms === null ? undefined : setTimeout(end, ms);
    until.addEventListener('abort', end, { once: true });
  });
}
