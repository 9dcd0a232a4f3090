import type { LiveCloudEvent } from '../../contracts/live.ts';
import type { DocumentEvent, JobEvent, JobEventType } from '../../core/events.ts';
import type { JobState } from '../../core/job.ts';
import { utcTime } from '../../core/utc-time.ts';
import type { ProgressNotice, RemovedNotice } from '../../engine/log-tail.ts';
import { beersEventData } from '../beers/beer-view.ts';
import { eventCursor } from '../cursor.ts';

/** Live events as JSON texts of `LiveCloudEvent`, each made once for all who hear it. */
export interface EventText {
  readonly id: string;
  readonly type: string;
  readonly json: string;
}

const stateAfter: Readonly<Record<JobEventType, JobState>> = {
  'job.queued': 'queued',
  'job.started': 'running',
  'job.retrying': 'queued',
  'job.released': 'queued',
  'job.succeeded': 'succeeded',
  'job.failed': 'failed',
  'job.canceled': 'canceled',
};

type ChangingList = Extract<LiveCloudEvent, { type: 'queues.changed' | 'taps.changed' }>;

export function jobEventText({ position, type, job, service, at, data }: JobEvent): EventText {
  const id = eventCursor(position);
  const json = JSON.stringify({
    specversion: '1.0',
    id,
    source: `/v1/jobs/${job}`,
    type,
    subject: job,
    time: utcTime(at),
    data: { service, state: stateAfter[type], ...data },
  });
  return { id, type, json };
}

/** Of the topic `beers`: nothing in it but its data needs to be escaped. */
export function beersEventText(event: DocumentEvent): EventText {
  const { position, type, id: beer } = event;
  const id = eventCursor(position);
  const about = beer === null ? '"source":"/v1/taps"' : `"source":"/v1/beers/${beer}","subject":"${beer}"`;
  const data = JSON.stringify(beersEventData(event));
  return {
    id,
    type,
    json: `{"specversion":"1.0","id":"${id}",${about},"type":"${type}","time":"${utcTime(event.at)}","data":${data}}`,
  };
}

export function progressText(
  { job, service, progress: { fraction, message } }: ProgressNotice,
  id: string,
  now: number,
): EventText {
  return liveText({ ...aboutJob(job, id, now), type: 'job.progress', data: { service, fraction, message } });
}

export function removedText({ job, service }: RemovedNotice, id: string, now: number): EventText {
  return liveText({ ...aboutJob(job, id, now), type: 'job.removed', data: { service } });
}

/** A list that has changed, whole. */
export function listText<T extends ChangingList['type']>(
  type: T,
  items: Extract<ChangingList, { type: T }>['data']['items'],
  id: string,
  now: number,
): EventText {
  const source = type === 'queues.changed' ? '/v1/queues' : '/v1/taps';
  const json = JSON.stringify({ specversion: '1.0', id, source, type, time: utcTime(now), data: { items } });
  return { id, type, json };
}

function aboutJob(job: string, id: string, now: number) {
  return { specversion: '1.0', id, source: `/v1/jobs/${job}`, subject: job, time: utcTime(now) } as const;
}

function liveText(event: LiveCloudEvent): EventText {
  return { id: event.id, type: event.type, json: JSON.stringify(event) };
}
