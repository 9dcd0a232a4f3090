import { signal } from '@preact/signals';
import type { ConnectionState, JobsEvent } from '../client/client.ts';
import { api } from './api.ts';
import { FrameBatch } from './frame-batch.ts';
import { watchOn } from './watch-on.ts';

/** How the page hears what happens; `connecting` until it does for the first time. */
export const connection = signal<ConnectionState | 'connecting'>('connecting');
/** How often the page has caught up after a lost connection. */
export const catchUps = signal(0);

const batch = new FrameBatch<JobsEvent>();

/** Hears of all jobs over one connection for the whole page, for as long as the page lives. */
export async function startLive(): Promise<void> {
  await watchOn<JobsEvent>({
    watch: (since) => api.watchJobs('all', { ...(since !== undefined && { since }), onConnection }),
    tell: (event) => batch.add(event),
    onConnection,
  });
}

/** Calls `listener` with what happened to jobs since the last frame, all at once. */
export function useLive(listener: (events: readonly JobsEvent[]) => void): void {
  batch.useEvents(listener);
}

function onConnection(state: ConnectionState): void {
  if (state === 'live' && connection.value === 'lost') catchUps.value += 1;
  connection.value = state;
}
