import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { createMemoryEventBus } from '../adapters/memory/event-bus.ts';
import type { JobState } from '../core/job.ts';
import { createRateMeter } from './rate-meter.ts';

test('what happened in the last five minutes is told by the minute, at first over the time since the start', () => {
  const clock = new ManualClock();
  const bus = createMemoryEventBus({
    onError: (error) => {
      throw error;
    },
  });
  const rates = createRateMeter({ bus, clock });
  const happened = (state: JobState, times: number) => {
    for (let n = 0; n < times; n += 1) bus.publish({ kind: 'changed', job: 'j', caller: 'ann', service: 'copy', state });
  };
  expect(rates('copy')).toEqual({ queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 });
  happened('succeeded', 30);
  expect(rates('copy').succeeded).toBe(30);
  clock.advance(120_000);
  happened('succeeded', 30);
  happened('failed', 3);
  expect(rates('copy')).toMatchObject({ succeeded: 30, failed: 1.5 });
  expect(rates('other').succeeded).toBe(0);
  clock.advance(180_000 + 10_000);
  expect(rates('copy')).toMatchObject({ succeeded: 6, failed: 0.6 });
  clock.advance(300_000);
  expect(rates('copy').succeeded).toBe(0);
});
