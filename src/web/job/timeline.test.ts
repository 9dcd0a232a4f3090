import { expect, test } from 'vitest';
import type { JobEventView } from '../../client/client.ts';
import { timeline } from './timeline.ts';

const happened = (...types: JobEventView['type'][]): JobEventView[] =>
  types.map((type, second) => ({ id: String(second), type, job: 'a', at: new Date(second * 1_000).toISOString(), data: {} }));

const shape = (events: readonly JobEventView[]) =>
  timeline(events).map((step) =>
    step.kind === 'attempt' ? `attempt to ${step.ended?.type ?? 'now'}` : `${step.event.type} after ${step.waitedMs}`,
  );

test('an attempt and its end are one step', () => {
  expect(shape(happened('job.queued', 'job.started', 'job.succeeded'))).toEqual([
    'job.queued after null',
    'attempt to job.succeeded',
  ]);
});

test('attempts that were tried again, handed back or are still running stand apart', () => {
  const types = ['job.queued', 'job.started', 'job.retrying', 'job.started', 'job.released', 'job.started'] as const;
  expect(shape(happened(...types))).toEqual([
    'job.queued after null',
    'attempt to job.retrying',
    'attempt to job.released',
    'attempt to now',
  ]);
});

test('what happens while nobody works on the job is a step of its own', () => {
  expect(shape(happened('job.queued', 'job.canceled', 'job.queued', 'job.succeeded'))).toEqual([
    'job.queued after null',
    'job.canceled after 1000',
    'job.queued after 1000',
    'job.succeeded after 1000',
  ]);
});
