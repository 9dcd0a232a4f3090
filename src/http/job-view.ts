import type { Job } from '../core/job.ts';
import { redactJson, redactText } from '../core/redact.ts';
import { utcTime } from '../core/utc-time.ts';
import type { Waiting } from '../engine/engine.ts';

/** A job that has just been committed: nobody has looked yet where it stands in the queue. */
export const notYetKnown: Waiting = { position: null, message: null };

/** Texts of jobs that do not wait, by the object: who polls one job gets the same object until it changes. */
const texts = new WeakMap<Job, string>();

/** The JSON text of a `JobView`. */
export function jobJson(job: Job, waiting: Waiting, result?: string): string {
  if (waiting !== notYetKnown || result !== undefined) return jobText(job, waiting, result);
  const known = texts.get(job);
  if (known !== undefined) return known;
  const text = jobText(job, waiting);
  texts.set(job, text);
  return text;
}

/**
 * Written by hand because it is the hottest answer there is: what is known to need no escaping
 * (ids, states, numbers, times) is not passed through `JSON.stringify`.
 */
function jobText(job: Job, waiting: Waiting, result?: string): string {
  const { id, state } = job;
  return `{"id":"${id}","service":${JSON.stringify(job.service)},"state":"${state}","progress":${progressJson(job, waiting)},"queuePosition":${
    waiting.position
  },"attempt":${job.attempt},"maxAttempts":${job.maxAttempts},"priority":${job.priority},"labels":${JSON.stringify(job.labels)},"source":${sourceJson(
    job,
  )},"options":${JSON.stringify(redactJson(job.options))},"createdAt":"${utcTime(job.createdAt)}","runAt":"${utcTime(job.runAt)}","startedAt":${timeOrNull(
    job.startedAt,
  )},"finishedAt":${timeOrNull(job.finishedAt)},"expiresAt":"${utcTime(job.expiresAt)}","deadline":${timeOrNull(job.deadline)},"reusedFrom":${
    job.reusedFrom === null ? 'null' : `"${job.reusedFrom}"`
  },"error":${job.error === null ? 'null' : JSON.stringify(job.error)},"links":{"self":"/v1/jobs/${id}","queue":"/v1/queue/${id}","events":"/v1/jobs/${id}/events","result":${
    state === 'succeeded' ? `"/v1/jobs/${id}/result"` : 'null'
  }}${result === undefined ? '' : `,"result":${result}`}}`;
}

function progressJson({ state, progress }: Job, waiting: Waiting): string {
  if (state === 'queued' && waiting.message !== null) return `{"fraction":null,"message":${JSON.stringify(waiting.message)}}`;
  return progress === null ? 'null' : `{"fraction":${progress.fraction},"message":${JSON.stringify(progress.message)}}`;
}

function sourceJson({ source, link }: Job): string {
  const url = link === null ? '' : `"url":${JSON.stringify(redactText(link.url))},`;
  if (source === null)
    return link === null ? 'null' : `{${url}"file":null,"name":null,"mediaType":null,"bytes":null,"sha256":null}`;
  const name = source.name === null ? 'null' : JSON.stringify(source.name);
  return `{${url}"file":"${source.file}","name":${name},"mediaType":"${source.mediaType}","bytes":${source.bytes},"sha256":"${source.sha256}"}`;
}

function timeOrNull(at: number | null): string {
  return at === null ? 'null' : `"${utcTime(at)}"`;
}
