import { ServiceError } from '../core/errors.ts';
import { hasEnded } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import type { ExecutorPool } from '../ports/executor-pool.ts';
import type { QueueState } from '../ports/job-store.ts';
import { findAction, startAction } from './actions.ts';
import { createAdmission } from './admission.ts';
import { findJob } from './change-job.ts';
import { discard, IntakeRoom, openBlob, receive } from './contents.ts';
import { cancelJob, removeJob, retryJob } from './control.ts';
import { createDocuments } from './documents.ts';
import type { Engine, WorkerState } from './engine.ts';
import { findFile, removeFile, storeFile } from './files.ts';
import { checkSucceeded, findOutput } from './find-output.ts';
import { createLogTail } from './log-tail.ts';
import type { EngineParts } from './parts.ts';
import { createRateMeter } from './rate-meter.ts';
import { submit } from './submit.ts';
import { submitTogether } from './submit-together.ts';
import { waitForJob } from './wait.ts';
import { createWaitingLine } from './waiting-line.ts';
import { WriteGate } from './write-gate.ts';

export interface EngineMore {
  /** The worker of this process, if it has one, and its executors. */
  readonly worker: (Omit<WorkerState, 'executors' | 'executorEnds'> & { readonly pool: ExecutorPool }) | null;
  /** Called after something was removed, so that its bytes go soon. */
  readonly onRemoved: () => void;
  /** Ends every wait. */
  readonly stopping: AbortSignal;
}

/** The engine as HTTP and the drop-ins see it: each call is one of the steps beside this file. */
export function createEngine(parts: EngineParts, { worker, onRemoved, stopping }: EngineMore): Engine {
  const { store, blobs, bus } = parts;
  const admission = createAdmission(parts);
  const intake = new IntakeRoom();
  const gate = new WriteGate();
  const read = (caller: string, id: string) => () => findJob(parts, caller, id);
  let checking: Promise<void> | null = null;
  const patience = (ms: number, signal: AbortSignal) => ({ ms, signal: AbortSignal.any([signal, stopping]) });

  return {
    services: parts.services,
    admits: (caller, service) => admission.check(caller, service),
    submit: (request) => gate.during(() => submit(parts, admission, request)),
    submitTogether: (call) => gate.during(() => submitTogether(parts, admission, call)),
    job: (caller, id) => findJob(parts, caller, id),
    async waitForChange(caller, id, ms, signal) {
      const { version } = await findJob(parts, caller, id);
      return waitForJob(parts, read(caller, id), (job) => job.version !== version || hasEnded(job.state), patience(ms, signal));
    },
    waitForEnd: (caller, id, ms, signal) =>
      waitForJob(parts, read(caller, id), ({ state }) => hasEnded(state), patience(ms, signal)),
    result: (caller, id) => findResult(parts, caller, id),
    partialResult: async ({ id, state }) => (state === 'failed' ? store.getResult(id) : null),
    list: (filter, limit, before) => store.list(filter, limit, before),
    cancel: (caller, id) => cancelJob(parts, caller, id),
    async retry(caller, id, answer) {
      await admission.check(caller, (await findJob(parts, caller, id)).service);
      return retryJob(parts, caller, id, answer);
    },
    async remove(caller, id) {
      await removeJob(parts, caller, id);
      onRemoved();
    },

    startAction: (request) => gate.during(() => startAction(parts, request)),
    action: (caller, id) => findAction(parts, caller, id),

    waiting: createWaitingLine(parts),
    async events(caller, id, after) {
      await findJob(parts, caller, id);
      return store.events(id, after);
    },
    log: (caller, after, limit) => store.log({ caller, after, limit }),
    logEnd: () => store.logEnd(),
    tail: createLogTail(parts),
    documents: createDocuments(parts, gate),
    subscribe: (jobId, listener) => bus.subscribe(listener, jobId),

    checkRoom: (bytes) => parts.room.checkIntake(bytes),
    receive: (bytes, signal) => receive(parts, bytes, signal, intake),
    discard: (blob) => discard(parts, blob),
    storeFile: (caller, input, answer) => gate.during(() => storeFile(parts, caller, input, answer)),
    file: (caller, id) => findFile(parts, caller, id),
    output: (caller, job, output) => findOutput(parts, caller, job, output),
    openFile: (file, range) => openBlob(parts, file, range),
    async removeFile(caller, id) {
      await removeFile(parts, caller, id);
      onRemoved();
    },

    reserve: (key, token) => gate.during(() => store.reserve(key, token, limits.idempotencyLeaseMs)),
    unreserve: (key, token) => store.unreserve(key, token),
    keepAnswer: (key, token, fingerprint, answer) =>
      store.answer({ ...key, token, fingerprint, answer, keepMs: limits.idempotencyKeepMs }),

    async queues() {
      const known = new Map((await store.queues()).map((queue) => [queue.service, queue]));
      return [...parts.services.keys()].map((service) => known.get(service) ?? emptyQueue(service));
    },
    async setPaused(service, paused) {
      if (!parts.services.has(service)) throw new ServiceError('not-found', `There is no service ${service}.`);
      await store.setPaused(service, paused);
      admission.pauseChanged(service);
      parts.log.info({ service, paused }, 'queue.changed');
      if (!paused) parts.wakeUp.wake(service);
    },
    rates: createRateMeter(parts),
    expectedWaitMs: (service) => admission.expectedWaitMs(service),
    workers() {
      if (worker === null) return [];
      const { pool, ...known } = worker;
      return [{ ...known, executors: pool.snapshot(), executorEnds: pool.ends() }];
    },
    async storage() {
      const [amounts, freeBytes] = await Promise.all([store.stored(), blobs.freeBytes()]);
      return { ...amounts, freeBytes, reserveBytes: parts.room.reserveBytes };
    },

    check() {
      // However often it is asked: a check writes.
      checking ??= checkStorage(parts).finally(() => {
        checking = null;
      });
      return checking;
    },
  };
}

async function checkStorage({ store, blobs }: EngineParts): Promise<void> {
  try {
    await Promise.all([store.check(), blobs.check()]);
  } catch (cause) {
    throw new ServiceError('service-unavailable', 'The database or the storage cannot be written.', {
      cause,
      retryAfterSeconds: 5,
    });
  }
}

function emptyQueue(service: string): QueueState {
  return {
    service,
    paused: false,
    counts: { queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 },
    delayed: 0,
    oldestQueuedAt: null,
  };
}

async function findResult(parts: EngineParts, caller: string, id: string): Promise<string> {
  const job = await findJob(parts, caller, id);
  checkSucceeded(job);
  const result = job.resultExpired ? null : await parts.store.getResult(id);
  if (result === null)
    throw new ServiceError('result-expired', `The result was kept until ${new Date(job.expiresAt).toISOString()}.`);
  return result;
}
