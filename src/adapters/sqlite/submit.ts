import { hasEnded } from '../../core/job.ts';
import type {
  AttachedInput,
  JobChange,
  KeptAnswer,
  ReusedResult,
  SubmitOutcome,
  TogetherOutcome,
} from '../../ports/job-store.ts';
import type { ActionsTable } from './actions-table.ts';
import type { AnswersTable } from './answers-table.ts';
import type { FilesTable } from './files-table.ts';
import type { JobsTable } from './jobs-table.ts';
import type { PackedSubmission } from './packed-submission.ts';
import type { QueuesTable } from './queues-table.ts';

export interface Tables {
  readonly jobs: JobsTable;
  readonly files: FilesTable;
  readonly answers: AnswersTable;
  readonly queues: QueuesTable;
  readonly actions: ActionsTable;
}

/** Stores one new job with all that belongs to it. Every refusal comes before the first write. */
export function submit(tables: Tables, submission: PackedSubmission): SubmitOutcome {
  const { queuedMax } = submission;
  const answer = submission.extras?.answer;
  // A job that is done already takes no place in the queue.
  if (isQueued(submission) && tables.queues.queuedJobs() >= queuedMax) return 'queue-full';
  if (!hasFiles(tables, submission)) return 'file-gone';
  if (answer !== undefined && !tables.answers.mayKeep(answer)) return 'reservation-lost';
  insert(tables, [submission]);
  if (answer !== undefined) tables.answers.keep(answer);
  return 'stored';
}

/** Stores all of them and the answer, or nothing. */
export function submitTogether(tables: Tables, submissions: readonly PackedSubmission[], answer?: KeptAnswer): TogetherOutcome {
  if (answer !== undefined && !tables.answers.mayKeep(answer)) return { kind: 'reservation-lost' };
  let queued = tables.queues.queuedJobs();
  // Many of them may work on the same file.
  const seen = new Set<string>();
  const outcomes = submissions.map((submission) => {
    if (isQueued(submission) && queued >= submission.queuedMax) return 'queue-full';
    const file = submission.extras?.reuse === undefined ? sourceFile(submission) : null;
    if (file === null || !seen.has(file)) {
      if (!hasFiles(tables, submission)) return 'file-gone';
      if (file !== null) seen.add(file);
    }
    if (isQueued(submission)) queued += 1;
    return 'stored';
  });
  if (outcomes.some((outcome) => outcome !== 'stored')) return { kind: 'refused', outcomes };
  insert(tables, submissions);
  if (answer !== undefined) tables.answers.keep(answer);
  return { kind: 'stored' };
}

function insert(tables: Tables, submissions: readonly PackedSubmission[]): void {
  const { files, jobs } = tables;
  for (const { extras } of submissions) {
    if (extras?.input !== undefined) files.insert(extras.input);
    for (const content of extras?.contents ?? []) files.keep(content);
  }
  jobs.insert(submissions);
  for (const { row, extras } of submissions) {
    if (extras?.reuse !== undefined) share(tables, row[0], extras.reuse);
  }
}

function share({ files, jobs }: Tables, job: string, { result, files: borrowed }: ReusedResult): void {
  for (const { from, file } of borrowed) files.insert({ ...file, blob: files.get(from)?.blob ?? file.blob });
  jobs.storeResult(job, result);
}

function isQueued({ row: [, , , state] }: PackedSubmission): boolean {
  return state === 'queued';
}

function sourceFile({ row: [, , , , , file] }: PackedSubmission): string | null {
  return file;
}

/** Whether the file that it works on, and those that it borrows, are there. */
function hasFiles(tables: Tables, submission: PackedSubmission): boolean {
  const file = sourceFile(submission);
  const hasSource = file === null || file === submission.extras?.input?.id || tables.files.get(file) !== null;
  return hasSource && canShare(tables, submission.extras?.reuse);
}

function canShare({ files }: Tables, reuse: ReusedResult | undefined): boolean {
  return (reuse?.files ?? []).every(({ from }) => files.get(from) !== null);
}

/** Writes a decided change with all that belongs to it; false, with nothing written, where a fence does not hold or a shared file has gone. */
export function change(tables: Tables, decided: JobChange): boolean {
  const { next, event, fence, result, outputs, contents, reuse, answer } = decided;
  if (!canShare(tables, reuse)) return false;
  if (answer !== undefined && !tables.answers.mayKeep(answer)) return false;
  if (!tables.jobs.update(next, event, fence)) return false;
  if (result !== undefined) tables.jobs.storeResult(next.id, result);
  for (const output of outputs ?? []) tables.files.insert(output);
  for (const content of contents ?? []) tables.files.keep(content);
  if (reuse !== undefined) share(tables, next.id, reuse);
  if (hasEnded(next.state)) tables.files.followJob(next);
  if (answer !== undefined) tables.answers.keep(answer);
  return true;
}

/** Writes the source of a running job and its file; false, with nothing written, where the lease does not hold. */
export function attachInput({ jobs, files }: Tables, attached: AttachedInput): boolean {
  if (!jobs.attachSource(attached)) return false;
  files.insert(attached.input);
  for (const content of attached.contents ?? []) files.keep(content);
  return true;
}
