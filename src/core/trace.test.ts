import { expect, test } from 'vitest';
import { spanBelow, traceIdOf, traceparentOf } from './trace.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

test('the trace id of a valid traceparent is carried on', () => {
  expect(traceIdOf(`00-${traceId}-00f067aa0ba902b7-01`)).toBe(traceId);
});

test.each([
  undefined,
  '',
  traceId,
  `01-${traceId}-00f067aa0ba902b7-01`,
  `00-${traceId.toUpperCase()}-00f067aa0ba902b7-01`,
  `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId}-00f067aa0ba902b7-01, 00-${traceId}-00f067aa0ba902b7-01`,
  `00-${traceId}-00f067aa0ba902b7-01-more`,
  `00-${traceId}-00f067aa0ba902b7-01\n`,
])('a traceparent %j gives way to a new trace', (header) => {
  const made = traceIdOf(header);
  expect(made).toMatch(/^[0-9a-f]{32}$/);
  expect(made).not.toBe(traceId);
});

test('new trace ids are all different, also across refills of the random bytes', () => {
  const made = Array.from({ length: 2_000 }, () => traceIdOf(undefined));
  expect(new Set(made).size).toBe(made.length);
});

test('each piece of work is a span of its own below that of its caller, and hands on a traceparent that is valid', () => {
  const first = spanBelow(`00-${traceId}-00f067aa0ba902b7-01`);
  expect(first).toMatchObject({ traceId, parentSpanId: '00f067aa0ba902b7' });
  const next = spanBelow(traceparentOf(first));
  expect(next).toMatchObject({ traceId, parentSpanId: first.spanId });
  expect(new Set([first.spanId, next.spanId, '00f067aa0ba902b7']).size).toBe(3);
  expect(spanBelow(undefined).parentSpanId).toBeNull();
});
