import type { Clock } from '../core/clock.ts';
import type { ErrorCode, ServiceError } from '../core/errors.ts';
import type { Log } from '../ports/log.ts';

/** What is out then is out for every request, for one cause. */
const outages: ReadonlySet<ErrorCode> = new Set(['service-unavailable', 'insufficient-storage']);
/** How long requests that fail alike are only counted. */
const countedMs = 1_000;

/** Nothing is broken: the line of the request says enough, and there may be thousands of them. */
const refusals: ReadonlySet<ErrorCode> = new Set(['shutting-down', 'queue-full', 'overloaded']);

/**
 * Tells the log of requests that failed through no fault of their client, with what caused it. In an outage (a disk that is full
 * or away) that would be a stack for each of thousands: one of each code is told a second, and how many others there were.
 */
export function createFailureLog(log: Log, clock: Clock): (failure: ServiceError, traceId: string) => void {
  const others = new Map<ErrorCode, number>();

  function tell(failure: ServiceError, traceId: string): void {
    log.error({ traceId, problem: failure.code, err: failure.cause ?? failure }, 'request.failed');
  }

  function count(code: ErrorCode): void {
    others.set(code, 0);
    clock.after(countedMs, () => {
      const requests = others.get(code) ?? 0;
      others.delete(code);
      if (requests > 0) log.error({ problem: code, requests }, 'requests.failed');
    });
  }

  return (failure, traceId) => {
    const { code } = failure;
    if (failure.kind.status < 500 || refusals.has(code)) return;
    const counted = others.get(code);
    if (counted !== undefined) return void others.set(code, counted + 1);
    tell(failure, traceId);
    if (outages.has(code)) count(code);
  };
}
