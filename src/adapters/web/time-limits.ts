import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';

/** How long each part of a fetch may take. */
export interface FetchTimes {
  /** Finding the addresses of a host; and then connecting to one of them, TLS too. */
  readonly connectMs: number;
  /** From the request to the end of the headers. */
  readonly headersMs: number;
  /** Between two pieces of the body. */
  readonly idleMs: number;
  /** Waiting for the server is summed up; in each such stretch must come `stretchBytesMin`. */
  readonly stretchMs: number;
  readonly stretchBytesMin: number;
  /** Everything, redirects too. */
  readonly wholeMs: number;
}

/** The limits of one fetch: its signal aborts with `source-timeout` when one is passed, or with the reason of whoever asked. */
export class TimeLimits {
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  readonly #outer: AbortSignal;
  readonly #clearWhole: () => void;
  readonly #onOuter = () => this.#abort.abort(this.#outer.reason);

  constructor(clock: Clock, outer: AbortSignal, wholeMs: number) {
    this.#clock = clock;
    this.#outer = outer;
    this.signal = this.#abort.signal;
    if (outer.aborted) this.#onOuter();
    outer.addEventListener('abort', this.#onOuter, { once: true });
    this.#clearWhole = this.begin(wholeMs, 'The file did not arrive within the time that a fetch may take');
  }

  /** Ends the fetch after `ms` unless the returned function is called before. */
  begin(ms: number, what: string): () => void {
    const detail = `${what}, ${ms / 1000} seconds.`;
    return this.after(ms, () => this.#abort.abort(new ServiceError('source-timeout', detail)));
  }

  /** Every fetch must come here in the end; what still hangs on its signal is let go. */
  end(): void {
    this.#clearWhole();
    this.#outer.removeEventListener('abort', this.#onOuter);
    this.#abort.abort(new ServiceError('source-fetch-failed', 'The fetch was given up.'));
  }

  /** The promise, or the reason of the signal where that comes first. */
  orStopped<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this;
    return new Promise((resolve, reject) => {
      const stop = () => reject(signal.reason);
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  now(): number {
    return this.#clock.now();
  }

  after(ms: number, action: () => void): () => void {
    return this.#clock.after(ms, action);
  }
}
