import { hasEnded, type Job } from '../../core/job.ts';
import type { AttachedInput, JobChange, Submission, SubmitOutcome } from '../../ports/job-store.ts';
import type { AnswersTable } from './answers-table.ts';
import type { FilesTable } from './files-table.ts';
import type { JobsTable } from './jobs-table.ts';
import type { QueuesTable } from './queues-table.ts';

export interface Tables {
  readonly jobs: JobsTable;
  readonly files: FilesTable;
  readonly answers: AnswersTable;
  readonly queues: QueuesTable;
}

/** Stores one new job with all that belongs to it. Every refusal comes before the first write. */
export function submit(tables: Tables, { job, events, input, reuse, answer, queuedMax }: Submission): SubmitOutcome {
  // A job that is done already takes no place in the queue.
  if (job.state === 'queued' && tables.queues.queuedJobs() >= queuedMax) return 'queue-full';
  const borrowed = reuse?.files.map(({ from, file }) => ({ file, original: tables.files.get(from) })) ?? [];
  if (!hasSource(tables, job, input?.id) || borrowed.some(({ original }) => original === null)) return 'file-gone';
  if (answer !== undefined && !tables.answers.mayKeep(answer)) return 'reservation-lost';

  if (input !== undefined) tables.files.insert(input);
  tables.jobs.insert(job, events);
  for (const { file, original } of borrowed) tables.files.insert({ ...file, blob: original?.blob ?? file.blob });
  if (reuse !== undefined) tables.jobs.storeResult(job.id, reuse.result);
  if (answer !== undefined) tables.answers.keep(answer);
  return 'stored';
}

function hasSource({ files }: Tables, job: Job, inputId: string | undefined): boolean {
  return job.source === null || job.source.file === inputId || files.get(job.source.file) !== null;
}

/** Writes a decided change with all that belongs to it; false, with nothing written, where a fence does not hold. */
export function change(tables: Tables, { next, event, fence, result, outputs, answer }: JobChange): boolean {
  if (answer !== undefined && !tables.answers.mayKeep(answer)) return false;
  if (!tables.jobs.update(next, event, fence)) return false;
  if (result !== undefined) tables.jobs.storeResult(next.id, result);
  for (const output of outputs ?? []) tables.files.insert(output);
  if (hasEnded(next.state)) tables.files.followJob(next);
  if (answer !== undefined) tables.answers.keep(answer);
  return true;
}

/** Writes the source of a running job and its file; false, with nothing written, where the lease does not hold. */
export function attachInput({ jobs, files }: Tables, attached: AttachedInput): boolean {
  if (!jobs.attachSource(attached)) return false;
  files.insert(attached.input);
  return true;
}
