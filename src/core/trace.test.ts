import { expect, test } from 'vitest';
import { traceIdOf } from './trace.ts';

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
