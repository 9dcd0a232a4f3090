import type { Job } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import { fail, release, type Transition } from '../core/transitions.ts';
import { announce } from './announce.ts';
import type { EngineParts } from './parts.ts';

const batchMax = 500;

/**
 * Hands out again what was claimed by a worker that is gone: running jobs whose lease has run out, or with `all` every
 * running job (at the start of the only process there is). The lost attempt does not count, but a job that loses its
 * worker each time is given up after `limits.handOutsMax` hand-outs.
 */
export async function rescueLostJobs(parts: EngineParts, all = false): Promise<number> {
  let rescued = 0;
  for (;;) {
    const lost = await parts.store.lost(batchMax, all);
    const done = await Promise.all(lost.map((job) => rescue(parts, job)));
    rescued += done.filter(Boolean).length;
    if (lost.length < batchMax) return rescued;
  }
}

async function rescue(parts: EngineParts, job: Job): Promise<boolean> {
  const { next, event } = decide(parts, job);
  if (!(await parts.store.change({ next, event, fence: { version: job.version } }))) return false;
  announce(parts, next, event);
  return true;
}

function decide({ store, settings }: EngineParts, job: Job): Transition {
  if (job.handOuts < limits.handOutsMax) return release(job, 'the worker was lost');
  const detail = `The job was handed out ${job.handOuts} times, and each time its worker was lost.`;
  return fail(job, 'executor-crashed', detail, store.now(), settings.resultRetentionMs);
}
