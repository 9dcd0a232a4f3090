import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestEngine, type TestEngine, testService } from '../support/engine.ts';
import { recordFigure } from '../support/figures.ts';

/** More for a soak: COATCHECK_TEST_POISON=200 npx vitest run test/faults/poison.test.ts */
const poisonous = Number(process.env.COATCHECK_TEST_POISON ?? 6);
const attempts = 2;
const good = poisonous * 10;
const endMs = 60_000 + poisonous * 5_000;

let here: TestEngine;

beforeAll(async () => {
  const options = Type.Object({ act: Type.String() });
  const deadly = testService('deadly', 'misbehaving', { contract: { options, result: Type.Object({}) } });
  here = await openTestEngine({ services: [deadly, testService('noop', 'noop')], executors: 2 });
  here.worker.start();
});

afterAll(() => here.close());

test('a job that kills its executor each time is tried as often as it may, and no more, while others go on', {
  timeout: 2 * endMs,
}, async () => {
  const ended = (id: string) => here.engine.waitForEnd('ann', id, endMs, new AbortController().signal);
  const deadly = await Promise.all(
    Array.from({ length: poisonous }, () => here.submit('deadly', { options: { act: 'abort' }, maxAttempts: attempts })),
  );
  const harmless = await Promise.all(Array.from({ length: good }, (_, at) => here.submit('noop', { options: { at } })));

  const done = await Promise.all(harmless.map(({ id }) => ended(id)));
  expect(done.filter(({ state, attempt }) => state !== 'succeeded' || attempt !== 1)).toEqual([]);
  const failed = await Promise.all(deadly.map(({ id }) => ended(id)));
  expect(failed.map(({ state, attempt, error }) => [state, attempt, error?.type])).toEqual(
    deadly.map(() => ['failed', attempts, '/problems/executor-crashed']),
  );
  for (const { id } of deadly) {
    const events = await here.engine.events('ann', id);
    expect(events.filter(({ type }) => type === 'job.started')).toHaveLength(attempts);
  }
  recordFigure(
    5,
    `${poisonous} jobs that kill their executor each time: ${attempts} of ${attempts} attempts each, then failed; ${good} of ${good} others done at their first attempt meanwhile`,
  );
});
