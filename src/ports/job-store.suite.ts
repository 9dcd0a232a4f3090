import { afterEach, beforeEach, describe } from 'vitest';
import type { Bench, OpenJobStore } from '../../test/support/job-store-bench.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { actionPromises } from './job-store-actions.suite.ts';
import { answerPromises } from './job-store-answers.suite.ts';
import { changePromises } from './job-store-changes.suite.ts';
import { claimPromises } from './job-store-claims.suite.ts';
import { filePromises } from './job-store-files.suite.ts';
import { logPromises } from './job-store-log.suite.ts';
import { randomPromises } from './job-store-random.suite.ts';
import { readPromises } from './job-store-reads.suite.ts';
import { submitPromises } from './job-store-submits.suite.ts';
import { togetherPromises } from './job-store-together.suite.ts';

/** Every promise of the port, run against a real store. `open` makes an empty store. */
export function describeJobStore(name: string, open: OpenJobStore): void {
  describe(`the ${name} job store`, () => {
    // Filled before each test; a part that used it earlier would fail loudly.
    const bench = {} as Bench;

    beforeEach(async () => {
      bench.clock = new ManualClock();
      bench.store = await open(bench.clock);
    });
    afterEach(() => bench.store.close());

    submitPromises(bench);
    togetherPromises(bench);
    claimPromises(bench);
    changePromises(bench);
    filePromises(bench);
    answerPromises(bench);
    readPromises(bench);
    actionPromises(bench);
    logPromises(bench);
    randomPromises(open);
  });
}
