import type { ActionRequest, JobView, ListFilter } from '../../client/client.ts';
import { type JobState, jobStates } from '../../core/job.ts';

/** Which jobs are shown; it stands in the address, in the words of `GET /v1/jobs`. */
export type JobFilter = Pick<ListFilter, 'service' | 'state' | 'labels' | 'createdAfter' | 'createdBefore'>;

const labelPrefix = 'label.';
const plain = ['service', 'createdAfter', 'createdBefore'] as const;

export function filterOf(parameters: URLSearchParams): JobFilter {
  const state = jobStates.find((each) => each === parameters.get('state'));
  const labels = [...parameters].flatMap(([name, value]) =>
    name.startsWith(labelPrefix) && name !== labelPrefix ? [[name.slice(labelPrefix.length), value] as const] : [],
  );
  return {
    ...Object.fromEntries(
      plain.flatMap((name) => {
        const value = parameters.get(name);
        return value === null || value === '' ? [] : [[name, value]];
      }),
    ),
    ...(state !== undefined && { state }),
    ...(labels.length > 0 && { labels: Object.fromEntries(labels) }),
  };
}

/** The address of the list with this filter, from its top or from behind `cursor`. */
export function addressOf(filter: JobFilter, cursor?: string): string {
  const parameters = new URLSearchParams();
  for (const name of ['service', 'state', ...plain.slice(1)] as const) {
    const value = filter[name];
    if (value !== undefined) parameters.set(name, value);
  }
  for (const [name, value] of Object.entries(filter.labels ?? {})) parameters.set(labelPrefix + name, value);
  if (cursor !== undefined) parameters.set('cursor', cursor);
  // A colon needs no escape in a query, and times are easier to read with it.
  return parameters.size === 0 ? '/jobs' : `/jobs?${parameters.toString().replaceAll('%3A', ':')}`;
}

export function passes(filter: JobFilter, job: Pick<JobView, 'service' | 'state' | 'labels' | 'createdAt'>): boolean {
  const { labels = {} } = filter;
  return (
    passesLive(filter, { ...job, createdAt: Date.parse(job.createdAt) }) &&
    Object.entries(labels).every(([name, value]) => job.labels[name] === value)
  );
}

/** As far as an event tells of a job: its labels are not known. */
export function passesLive(
  { service, state, createdAfter, createdBefore }: JobFilter,
  job: { readonly service: string; readonly state: JobState; readonly createdAt: number },
): boolean {
  return (
    (service === undefined || service === job.service) &&
    (state === undefined || state === job.state) &&
    (createdAfter === undefined || job.createdAt >= Date.parse(createdAfter)) &&
    (createdBefore === undefined || job.createdAt < Date.parse(createdBefore))
  );
}

/**
 * What an action on all that match means: no job younger than `newest`, the first that the reader saw, is touched, however
 * late the action begins.
 */
export function actionFilter(filter: JobFilter, newest: string): NonNullable<ActionRequest['filter']> {
  const behind = new Date(Date.parse(newest) + 1).toISOString();
  const isEarlier = filter.createdBefore !== undefined && Date.parse(filter.createdBefore) < Date.parse(behind);
  return { ...filter, createdBefore: isEarlier ? filter.createdBefore : behind };
}
