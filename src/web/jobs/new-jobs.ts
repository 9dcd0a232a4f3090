import { signal } from '@preact/signals';
import type { JobsEvent } from '../../client/client.ts';
import { type JobState, jobStates } from '../../core/job.ts';
import { type JobFilter, passesLive } from './job-filter.ts';
import { createdAtOf } from './shown-job.ts';

/** Counting stops here: "1,000+" says enough. */
export const newJobsMax = 1_000;

interface Heard {
  readonly job: string;
  readonly service: string;
  readonly state: JobState;
}

/** Jobs that belong into the list and are not in it: they are offered, so that no row moves under the finger. */
export class NewJobs {
  readonly count = signal(0);
  /** Something was heard that may belong into the list, and the server has to be asked: events do not tell labels. */
  isUnsure = false;
  readonly #filter: JobFilter;
  readonly #ids = new Set<string>();

  constructor(filter: JobFilter) {
    this.#filter = filter;
  }

  /** `isShown` and `oldest` tell what the list holds; a job behind the oldest belongs to a later page. */
  hear(events: readonly JobsEvent[], isShown: (id: string) => boolean, oldest: string | null): void {
    for (const event of events) {
      if (event.type === 'job.removed') this.#ids.delete(event.job);
      const heard = heardOf(event);
      if (heard === null || isShown(heard.job) || (oldest !== null && heard.job < oldest)) continue;
      if (!passesLive(this.#filter, { ...heard, createdAt: createdAtOf(heard.job) })) this.#ids.delete(heard.job);
      else if (this.#filter.labels !== undefined) this.isUnsure = true;
      else if (this.#ids.size < newJobsMax) this.#ids.add(heard.job);
    }
    this.count.value = this.#ids.size;
  }

  know(ids: readonly string[]): void {
    for (const id of ids) if (this.#ids.size < newJobsMax) this.#ids.add(id);
    this.count.value = this.#ids.size;
  }
}

function heardOf(event: JobsEvent): Heard | null {
  if (!('id' in event)) return null;
  const { service, state: name } = event.data;
  const state = jobStates.find((each) => each === name);
  return state === undefined || typeof service !== 'string' ? null : { job: event.job, service, state };
}
