import { fail } from '../core/transitions.ts';
import { announce } from './announce.ts';
import type { EngineParts } from './parts.ts';

const batchMax = 500;

/** Fails what was not done by its deadline, queued or running; the worker of a running one hears of it by the bus. */
export async function failOverdueJobs(parts: EngineParts): Promise<number> {
  const overdue = await parts.store.pastDeadline(batchMax);
  const done = await Promise.all(
    overdue.map(async (job) => {
      const deadline = new Date(job.deadline ?? job.createdAt).toISOString();
      const detail = `The job was still ${job.state} at its deadline, ${deadline}.`;
      const { next, event } = fail(job, 'deadline-exceeded', detail, parts.store.now(), parts.settings.resultRetentionMs);
      if (!(await parts.store.change({ next, event, fence: { version: job.version } }))) return false;
      announce(parts, next, event);
      return true;
    }),
  );
  return done.filter(Boolean).length;
}
