import { limits } from '../core/limits.ts';

/** Tells a client that is slow from one that holds a connection and gives nothing for it. */
export interface Pace {
  /** To be asked now and then with all that has moved so far, while it is the client that is waited for. */
  isTooSlow(bytes: number, now: number): boolean;
  /** It is not the client that is waited for: what it has not done so far does not count. */
  forgive(bytes: number, now: number): void;
}

/**
 * Standing still has a limit, and so has the rate of each span of time by itself: neither a byte now and then nor a good
 * beginning makes up for it. The whole may take as long as it takes.
 */
export function createPace(idleMs: number, bytes: number, now: number): Pace {
  let moved = { bytes, at: now };
  let span = moved;
  return {
    isTooSlow(bytesNow, at) {
      if (bytesNow > moved.bytes) moved = { bytes: bytesNow, at };
      if (at - moved.at >= idleMs) return true;
      if (at - span.at < limits.paceSpanMs) return false;
      const bytesPerSecond = ((bytesNow - span.bytes) * 1000) / (at - span.at);
      span = { bytes: bytesNow, at };
      return bytesPerSecond < limits.paceBytesPerSecondMin;
    },
    forgive(bytesNow, at) {
      moved = { bytes: bytesNow, at };
      span = moved;
    },
  };
}
