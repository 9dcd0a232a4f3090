import { ServiceError } from '../../core/errors.ts';
import type { Job } from '../../core/job.ts';
import { redactText } from '../../core/redact.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Entry } from './entry-book.ts';

/** `GET /api/v1/service/{n}`. */
export type ServiceView =
  | { readonly state: 'PENDING'; readonly url: string }
  | { readonly result: string; readonly state: 'SUCCESS'; readonly url: string }
  | { readonly error: string; readonly state: 'FAILED'; readonly url: string };

/** `GET /queue/{id}` of what has not succeeded. */
export interface QueueView {
  readonly celery_state: { readonly 'task-id': string; readonly state: string };
  readonly service: { readonly url: string };
  readonly state: 'PENDING' | 'FAILED';
  readonly service_id: number;
  readonly error?: string;
}

const expired = 'The text is no longer kept. Hand the link in again.';

/** Null once there is a text to be fetched. */
export function queueView(entry: Entry, job: Job | null): QueueView | null {
  const failure = failureOf(entry, job);
  if (failure === null && job?.state === 'succeeded') return null;
  return {
    celery_state: { 'task-id': entry.id, state: celeryState(job) },
    service: { url: redactText(entry.url) },
    state: failure === null ? 'PENDING' : 'FAILED',
    service_id: entry.number,
    ...(failure === null ? {} : { error: failure }),
  };
}

export async function serviceView(engine: Engine, entry: Entry, job: Job | null): Promise<ServiceView> {
  const url = redactText(entry.url);
  const failure = failureOf(entry, job);
  if (failure !== null) return { error: failure, state: 'FAILED', url };
  if (job?.state !== 'succeeded') return { state: 'PENDING', url };
  try {
    // As the contract of the service has it.
    const { text }: { text: string } = JSON.parse(await engine.result(job.caller, job.id));
    return { result: text, state: 'SUCCESS', url };
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'result-expired') return { error: expired, state: 'FAILED', url };
    throw error;
  }
}

function failureOf({ refusal }: Entry, job: Job | null): string | null {
  if (job === null) return refusal === null ? 'The link was refused.' : redactText(refusal);
  if (job.state === 'failed') return job.error?.detail ?? 'It failed.';
  if (job.state === 'canceled') return 'The job was canceled.';
  return job.state === 'succeeded' && job.resultExpired ? expired : null;
}

/** The words of Celery. */
function celeryState(job: Job | null): string {
  switch (job?.state) {
    case 'queued':
      return job.attempt === 0 ? 'PENDING' : 'RETRY';
    case 'running':
      return 'STARTED';
    case 'succeeded':
      return 'SUCCESS';
    case 'canceled':
      return 'REVOKED';
    default:
      return 'FAILURE';
  }
}
