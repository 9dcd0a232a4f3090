import type { Client, JobView } from '../client/client.ts';
import { hasEnded } from '../core/job.ts';
import type { ProgressLine } from './progress-line.ts';

/** Follows a job until it has ended and shows how far it is. */
export async function follow(
  client: Client,
  job: JobView,
  label: string,
  line: ProgressLine,
  signal: AbortSignal,
): Promise<JobView> {
  if (hasEnded(job.state)) return job;
  for await (const event of client.watch(job.id, { signal })) {
    if (event.type === 'job.progress') line.show(label, event.data.fraction, event.data.message);
    if (event.type === 'job.queued') line.show(label, null, 'waiting');
    if (event.type === 'job.started') line.show(label, 0, null);
    if (event.type === 'job.retrying') line.show(label, null, 'the attempt failed; waiting for the next');
    if (event.type === 'job.released') line.show(label, null, 'waiting for another worker');
  }
  line.clear();
  return client.job(job.id, { signal });
}
