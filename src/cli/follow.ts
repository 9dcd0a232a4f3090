import type { Client, JobsEvent, JobView } from '../client/client.ts';
import { hasEnded } from '../core/job.ts';
import type { ProgressLine } from './progress-lines.ts';

/** Follows a job until it has ended and shows how far it is. */
export async function follow(
  client: Client,
  job: JobView,
  label: string,
  line: ProgressLine,
  signal: AbortSignal,
): Promise<JobView> {
  if (hasEnded(job.state)) return job;
  for await (const event of client.watch(job.id, { signal })) showEvent(line, label, event);
  line.clear();
  return client.job(job.id, { signal });
}

/** What is said of a job that goes on. */
const going: Readonly<Partial<Record<JobsEvent['type'], readonly [fraction: number | null, message: string]>>> = {
  'job.queued': [null, 'waiting'],
  'job.started': [null, 'running'],
  'job.retrying': [null, 'the attempt failed; waiting for the next'],
  'job.released': [null, 'waiting for another worker'],
};

/** Shows what an event tells of a job that goes on. */
export function showEvent(line: ProgressLine, label: string, event: Exclude<JobsEvent, { type: 'resync' }>): void {
  if (event.type === 'job.progress') line.show(label, event.data.fraction, event.data.message);
  const said = going[event.type];
  if (said !== undefined) line.show(label, ...said);
}
