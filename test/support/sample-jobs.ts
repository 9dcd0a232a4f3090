import { newId } from '../../src/core/ids.ts';
import type { Job, StoredFile } from '../../src/core/job.ts';
import type { KeptAnswer, ServiceLane, Submission } from '../../src/ports/job-store.ts';

export const retentionMs = 3_600_000;

/** A queued job as the engine makes it, with every field filled in. */
export function sampleJob(now: number, more: Partial<Job> = {}): Job {
  return {
    id: newId(),
    caller: 'ann',
    service: 'copy',
    state: 'queued',
    version: 1,
    priority: 0,
    labels: {},
    options: { width: 100, nested: { list: [1, 'two', null] } },
    source: null,
    link: null,
    traceId: '0123456789abcdef0123456789abcdef',
    attempt: 0,
    maxAttempts: 3,
    handOuts: 0,
    progress: null,
    createdAt: now,
    runAt: now,
    startedAt: null,
    finishedAt: null,
    expiresAt: now + retentionMs,
    deadline: null,
    lease: null,
    error: null,
    outputs: [],
    reuseKey: null,
    reusedFrom: null,
    resultExpired: false,
    ...more,
  };
}

export function sampleFile(now: number, more: Partial<StoredFile> = {}): StoredFile {
  return {
    id: newId(),
    caller: 'ann',
    blob: newId(),
    name: 'größe 📷.png',
    mediaType: 'image/png',
    bytes: 5_000_000_000,
    sha256: 'a'.repeat(64),
    picture: { width: 640, height: 480, frames: 1, orientation: null },
    createdAt: now,
    expiresAt: now + retentionMs,
    job: null,
    ...more,
  };
}

export function submissionOf(job: Job, more: Partial<Submission> = {}): Submission {
  return { job, events: [{ type: 'job.queued', data: {} }], queuedMax: 1_000_000, ...more };
}

export function sampleAnswer(token: string, more: Partial<KeptAnswer> = {}): KeptAnswer {
  const answer = { status: 202, headers: { location: '/v1/queue/1' }, body: '{"id":"1"}' };
  return { caller: 'ann', key: 'key-1', token, fingerprint: 'f'.repeat(64), answer, keepMs: 86_400_000, ...more };
}

export function lane(service: string, more: Partial<ServiceLane> = {}): ServiceLane {
  return { service, concurrency: null, rate: null, ...more };
}
