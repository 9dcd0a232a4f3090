import { randomBytes } from 'node:crypto';

/** W3C Trace Context, version 00: 32 hex digits of trace, 16 of the caller's span, flags. */
const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The trace id of a `traceparent` header, or a new one where there is none or it is not valid. */
export function traceIdOf(traceparent: string | undefined): string {
  const traceId = traceparent === undefined ? undefined : traceparentPattern.exec(traceparent)?.[1];
  return traceId === undefined || /^0+$/.test(traceId) ? newTraceId() : traceId;
}

// Random bytes come by the kilobyte: one call to the system for every trace id would be the dearest part of a small request.
const pool = { bytes: Buffer.alloc(0), used: 0 };

function newTraceId(): string {
  if (pool.used + 16 > pool.bytes.length) {
    pool.bytes = randomBytes(4096);
    pool.used = 0;
  }
  pool.used += 16;
  return pool.bytes.toString('hex', pool.used - 16, pool.used);
}
