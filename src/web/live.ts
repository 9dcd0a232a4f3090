import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ConnectionError, type ConnectionState, type JobsEvent } from '../client/client.ts';
import { api } from './api.ts';

/** How the page hears what happens; `connecting` until it does for the first time. */
export const connection = signal<ConnectionState | 'connecting'>('connecting');
/** How often the page has caught up after a lost connection. */
export const catchUps = signal(0);

type Listener = (events: readonly JobsEvent[]) => void;

const listeners = new Set<Listener>();
const pauseMs = 2_000;
/** A page that nobody looks at gets no frames. */
const hiddenMs = 500;
let waiting: JobsEvent[] = [];

/** Hears of all jobs over one connection for the whole page, for as long as the page lives. */
export async function startLive(): Promise<never> {
  let since: string | undefined;
  for (;;) {
    try {
      for await (const event of api.watchJobs('all', { ...(since !== undefined && { since }), onConnection })) {
        if ('id' in event) since = event.id;
        if (waiting.push(event) === 1) soon(tell);
      }
    } catch (error) {
      if (!(error instanceof ConnectionError)) console.error(error);
      onConnection('lost');
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Calls `listener` with what happened since the last frame, all at once: a thousand events a second are one update a frame. */
export function useLive(listener: Listener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const heard: Listener = (events) => latest.current(events);
    listeners.add(heard);
    return () => void listeners.delete(heard);
  }, []);
}

function onConnection(state: ConnectionState): void {
  if (state === 'live' && connection.value === 'lost') catchUps.value += 1;
  connection.value = state;
}

function soon(run: () => void): void {
  if (document.hidden) setTimeout(run, hiddenMs);
  else requestAnimationFrame(run);
}

function tell(): void {
  const events = waiting;
  waiting = [];
  for (const listener of listeners) listener(events);
}
