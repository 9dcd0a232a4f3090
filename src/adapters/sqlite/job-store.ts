import type { Database } from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import type { JobStore, KeptAnswer, SubmitOutcome, TogetherOutcome } from '../../ports/job-store.ts';
import { actionsTable } from './actions-table.ts';
import { answersTable } from './answers-table.ts';
import { claims } from './claim.ts';
import { openDatabase } from './database.ts';
import { databaseClosed, outage } from './database-error.ts';
import { freeBytesBeside, touching, unmoved } from './database-place.ts';
import { documentStoreOn, type SqliteDocumentStore } from './documents/document-store.ts';
import { eventLog } from './event-log.ts';
import { filesTable } from './files-table.ts';
import { GroupCommit, type OnCommit } from './group-commit.ts';
import { jobCache } from './job-cache.ts';
import { jobList } from './job-list.ts';
import { jobsTable } from './jobs-table.ts';
import { type LogSync, logSync } from './log-sync.ts';
import { bytesOf, type PackedSubmission, packed } from './packed-submission.ts';
import { pruning, removeJob } from './prune.ts';
import { queuesTable } from './queues-table.ts';
import type { SharedReads } from './shared-reads.ts';
import { storedAmounts } from './stored-amounts.ts';
import { attachInput, change, submit, submitTogether, type Tables } from './submit.ts';

/** Jobs and documents in one database and one log. What a store in another thread asks of this one instead of `submit` and `submitTogether`. */
export interface SqliteJobStore extends JobStore, SqliteDocumentStore {
  submitPacked(submissions: readonly PackedSubmission[]): Promise<SubmitOutcome[]>;
  submitPackedTogether(submissions: readonly PackedSubmission[], answer?: KeptAnswer): Promise<TogetherOutcome>;
}

export interface SqliteJobStoreOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly onCommit?: OnCommit;
  /**
   * Where it is given, a thread of its own brings commits to the disk while the next ones are written, and they are counted here
   * (`commit-count.ts`). Needs a file that no other process writes to.
   */
  readonly counted?: SharedArrayBuffer;
}

/**
 * The job store in one SQLite file (`:memory:` for one that goes with the process). Several processes may open the same file:
 * nothing that decides is kept in memory. Throws where the file cannot be opened or is of a newer version.
 */
export function openSqliteJobStore({ path, clock, onCommit, counted }: SqliteJobStoreOptions): SqliteJobStore {
  const database = openDatabase(path);
  return jobStoreOn(database, clock, { onCommit, log: counted && logSync(database, counted) });
}

interface Parts {
  readonly shared?: SharedReads;
  readonly onCommit?: OnCommit | undefined;
  readonly log?: LogSync | undefined;
}

/** The job store on an open database. With `shared`, which is told of each read, the connection must not be used to write. */
export function jobStoreOn(database: Database, clock: Clock, { shared, onCommit, log }: Parts = {}): SqliteJobStore {
  const queues = queuesTable(database, clock);
  const jobs = jobsTable(database, clock);
  const tables: Tables = {
    jobs,
    queues,
    files: filesTable(database, clock),
    answers: answersTable(database, clock),
    actions: actionsTable(database, clock),
  };
  const { files, answers, actions } = tables;
  const stored = storedAmounts(database);
  const getJob = shared === undefined ? jobs.get : jobCache(database, jobs.get);
  const events = eventLog(database);
  const list = jobList(database);
  const claim = claims(database, clock, jobs, queues);
  const prune = pruning(database, clock, tables);
  const group = new GroupCommit(database, { mayWrite: unmoved(database), onCommit, log });
  const touch = touching(database);
  const write = <T>(action: () => T, bytes?: number): Promise<T> => group.write(action, bytes);

  /** For what decides only what will be committed after it, and what is out of date when it is told anyway. */
  function look<T>(query: () => T): T {
    if (!database.open) throw databaseClosed();
    try {
      shared?.enter();
      return query();
    } catch (error) {
      throw outage(error) ?? error;
    }
  }

  /** For what is told: nobody hears of a commit before it is on the disk. */
  async function read<T>(query: () => T): Promise<T> {
    const found = look(query);
    await shared?.settled();
    return found;
  }

  const submitPacked: SqliteJobStore['submitPacked'] = (submissions) =>
    Promise.all(submissions.map((submission) => write(() => submit(tables, submission), bytesOf(submission.extras?.contents))));
  const submitPackedTogether: SqliteJobStore['submitPackedTogether'] = (submissions, answer) =>
    write(() => submitTogether(tables, submissions, answer));

  return {
    ...documentStoreOn(database, clock, { group, read }),
    capabilities: { shared: false },
    now: () => clock.now(),

    submit: (submissions) => submitPacked(submissions.map((submission) => packed(submission, clock.now()))),
    submitTogether: (submissions, answer) =>
      submitPackedTogether(
        submissions.map((submission) => packed(submission, clock.now())),
        answer,
      ),
    submitPacked,
    submitPackedTogether,
    change: (decided) => write(() => change(tables, decided)),
    claim: (request) => write(() => claim(request)),
    heartbeat: (beats, leaseMs) =>
      write(() => {
        const expiresAt = clock.now() + leaseMs;
        return beats.filter((beat) => !jobs.beat(beat.job, beat.lease, expiresAt, beat.progress)).map((beat) => beat.lease);
      }),
    attachInput: (attached) => write(() => attachInput(tables, attached)),
    lost: async (limit, all = false) => look(() => jobs.lost(limit, all)),
    pastDeadline: async (limit) => look(() => jobs.pastDeadline(limit)),

    get: (id) => read(() => getJob(id)),
    getResult: (id) => read(() => jobs.result(id)),
    findReusable: async (reuseKey) => look(() => jobs.reusable(reuseKey)),
    list: (filter, limit, before) => read(() => list(filter, limit, before)),
    events: (jobId, after, limit) => read(() => events.ofJob(jobId, after, limit)),
    log: (request) => read(() => events.ofCaller(request)),
    wholeLog: (request) => read(() => events.all(request)),
    logEnd: () => read(() => events.end()),
    remove: (id, version) => write(() => removeJob(tables, id, version)),

    insertFile: (file, answer, content) =>
      write(
        () => {
          if (answer !== undefined && !answers.mayKeep(answer)) return false;
          files.insert(file);
          if (content !== undefined) files.keep(content);
          if (answer !== undefined) answers.keep(answer);
          return true;
        },
        bytesOf(content && [content]),
      ),
    getFile: (id) => read(() => files.get(id)),
    getContent: async (blob) => look(() => files.content(blob)),
    expireFile: (id) => write(() => files.expire(id)),

    line: async (service, limit) => look(() => queues.line(service, limit)),
    queues: async () => look(() => queues.all()),
    queuedOf: async (caller, limit) => look(() => queues.queuedOf(caller, limit)),
    stored: async () => look(stored),
    setPaused: (service, paused) => write(() => queues.setPaused(service, paused)),

    reserve: (key, token, leaseMs) => write(() => answers.reserve(key, token, leaseMs)),
    unreserve: (key, token) => write(() => answers.unreserve(key, token)),
    unreserveAll: () => write(() => answers.unreserveAll()),
    answer: (kept) =>
      write(() => {
        if (!answers.mayReplace(kept)) return false;
        answers.keep(kept);
        return true;
      }),

    insertAction: (action, answer) =>
      write(() => {
        if (answer !== undefined && !answers.mayKeep(answer)) return false;
        actions.insert(action);
        if (answer !== undefined) answers.keep(answer);
        return true;
      }),
    getAction: (id) => read(() => actions.get(id)),
    nextAction: async () => look(() => actions.next()),
    advanceAction: (step) => write(() => actions.advance(step)),

    prune: (limit, recordMs) => write(() => prune(limit, recordMs)),
    unreferencedBlobs: (blobs) => read(() => blobs.filter((blob) => !files.isReferred(blob))),

    freeBytes: () => freeBytesBeside(database),
    check: () => write(touch),
    async close() {
      await group.close();
      await log?.close();
      shared?.leave();
      database.close();
    },
  };
}
