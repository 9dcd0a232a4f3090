import { randomBytes } from 'node:crypto';

/** W3C Trace Context, version 00: 32 hex digits of trace, 16 of the caller's span, flags. */
const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const zeros = /^0+$/;

/** Where a piece of work stands in its trace: spans of one trace id are parts of what one caller set going. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** The span of the caller that set it going; null where none told. */
  readonly parentSpanId: string | null;
}

/** A new span below that of a `traceparent` header, or in a new trace where there is none or it is not valid. */
export function spanBelow(traceparent: string | undefined): Span {
  const [, traceId = '0', parentSpanId = '0'] = traceparent === undefined ? [] : (traceparentPattern.exec(traceparent) ?? []);
  if (zeros.test(traceId) || zeros.test(parentSpanId)) return { traceId: randomHex(16), spanId: newSpanId(), parentSpanId: null };
  return { traceId, spanId: newSpanId(), parentSpanId };
}

/** The trace id of a `traceparent` header, or a new one where there is none or it is not valid. */
export function traceIdOf(traceparent: string | undefined): string {
  return spanBelow(traceparent).traceId;
}

export function newSpanId(): string {
  return randomHex(8);
}

/** The header that hands a trace on. Whatever is done is told in the log, so that the flag says "recorded". */
export function traceparentOf({ traceId, spanId }: Pick<Span, 'traceId' | 'spanId'>): string {
  return `00-${traceId}-${spanId}-01`;
}

// Random bytes come by the kilobyte: one call to the system for every id would be the dearest part of a small request.
const pool = { bytes: Buffer.alloc(0), used: 0 };

function randomHex(bytes: number): string {
  if (pool.used + bytes > pool.bytes.length) {
    pool.bytes = randomBytes(4096);
    pool.used = 0;
  }
  pool.used += bytes;
  return pool.bytes.toString('hex', pool.used - bytes, pool.used);
}
