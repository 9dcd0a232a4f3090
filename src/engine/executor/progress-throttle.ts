import type { Progress } from '../../core/job.ts';
import { limits } from '../../core/limits.ts';
import { cutText } from './messages.ts';

/** Passes on at most one progress in each interval; the last one is always passed on, by `flush` at the latest. */
export class ProgressThrottle {
  readonly #send: (progress: Progress) => void;
  #waiting: Progress | null = null;
  #timer: NodeJS.Timeout | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;

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
    if (dueMs <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), dueMs);
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#waiting) return;
    this.#send(this.#waiting);
    this.#waiting = null;
    this.#sentAt = performance.now();
  }
}
