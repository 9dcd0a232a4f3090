import type { LiveCloudEvent } from '../../contracts/live.ts';
import type { JobEvent, JobEventType } from '../../core/events.ts';
import type { JobState } from '../../core/job.ts';
import type { ProgressNotice, RemovedNotice } from '../../engine/log-tail.ts';
import { eventCursor } from '../cursor.ts';
import { utcTime } from '../utc-time.ts';

/** Live events as JSON texts of `LiveCloudEvent`, each made once for all who hear it. */

const stateAfter: Readonly<Record<JobEventType, JobState>> = {
  'job.queued': 'queued',
  'job.started': 'running',
  'job.retrying': 'queued',
  'job.released': 'queued',
  'job.succeeded': 'succeeded',
  'job.failed': 'failed',
  'job.canceled': 'canceled',
};

export function jobEventJson({ position, type, job, service, at, data }: JobEvent): string {
  return JSON.stringify({
    specversion: '1.0',
    id: eventCursor(position),
    source: `/v1/jobs/${job}`,
    type,
    subject: job,
    time: utcTime(at),
    data: { service, state: stateAfter[type], ...data },
  });
}

export function progressJson({ job, service, progress: { fraction, message } }: ProgressNotice, id: string, now: number): string {
  return liveJson({ ...aboutJob(job, id, now), type: 'job.progress', data: { service, fraction, message } });
}

export function removedJson({ job, service }: RemovedNotice, id: string, now: number): string {
  return liveJson({ ...aboutJob(job, id, now), type: 'job.removed', data: { service } });
}

export function queuesJson(
  items: Extract<LiveCloudEvent, { type: 'queues.changed' }>['data']['items'],
  id: string,
  now: number,
): string {
  return liveJson({ specversion: '1.0', id, source: '/v1/queues', type: 'queues.changed', time: utcTime(now), data: { items } });
}

/** The message that carries the text of an event. */
export function eventMessage(topic: string, eventJson: string): string {
  return `{"type":"event","topic":${JSON.stringify(topic)},"event":${eventJson}}`;
}

function aboutJob(job: string, id: string, now: number) {
  return { specversion: '1.0', id, source: `/v1/jobs/${job}`, subject: job, time: utcTime(now) } as const;
}

function liveJson(event: LiveCloudEvent): string {
  return JSON.stringify(event);
}
