import type { Progress } from '../../core/job.ts';
import { limits } from '../../core/limits.ts';
import { cutText } from './messages.ts';

/**
 * Passes on at most one progress in each interval, the first when one is over: a task that has ended by then said all with its end, and
 * two messages beside it would cost more than much of its work. Of a longer task the last one is always passed on, by `end` at the latest.
 */
export class ProgressThrottle {
  readonly #send: (progress: Progress) => void;
  #waiting: Progress | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isTelling = false;
  #sentAt = performance.now();

  constructor(send: (progress: Progress) => void) {
    this.#send = send;
  }

  /** A fraction beyond 0 to 1 is brought back into it, a message that is too long is cut. */
  report(fraction: number | null, message?: string): void {
    const known = typeof fraction === 'number' && !Number.isNaN(fraction);
    this.#waiting = {
      fraction: known ? Math.min(Math.max(fraction, 0), 1) : null,
      message: message === undefined ? null : cutText(String(message), limits.progressMessageCharsMax),
    };
    // The time is asked, not only the timer: a task that never yields keeps timers from firing.
    const dueMs = this.#sentAt + limits.progressIntervalMs - performance.now();
    if (dueMs <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), dueMs);
  }

  /** The task has ended. */
  end(): void {
    if (this.#isTelling) this.#flush();
    this.#forgetTimer();
  }

  #flush(): void {
    this.#forgetTimer();
    if (!this.#waiting) return;
    this.#send(this.#waiting);
    this.#isTelling = true;
    this.#waiting = null;
    this.#sentAt = performance.now();
  }

  #forgetTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
