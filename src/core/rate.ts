/** At most `limit` starts in `perMs` milliseconds on the average, with bursts up to `limit`. */
export interface Rate {
  readonly limit: number;
  readonly perMs: number;
}

/** Times near 2^41 ms carry fractions of about 1/4,000 ms in a double; this hides what they lose when they are added up. */
const roundingMs = 0.01;

/**
 * The earliest millisecond at which the next start is allowed. `bookedUntil` is the whole state of the bucket: up to when the
 * starts so far have used up the rate, or null before the first. (The virtual scheduling form of the token bucket, ITU-T I.371.)
 */
export function nextStartAt(rate: Rate, bookedUntil: number | null, now: number): number {
  // A clock that was set back must not hold up starts for longer than an empty bucket takes to fill.
  const booked = Math.min(bookedUntil ?? 0, now + rate.perMs);
  return Math.ceil(booked - rate.perMs + rate.perMs / rate.limit - roundingMs);
}

/** The state of the bucket after a start at `now`. */
export function bookStart(rate: Rate, bookedUntil: number | null, now: number): number {
  return Math.max(Math.min(bookedUntil ?? 0, now + rate.perMs), now) + rate.perMs / rate.limit;
}
