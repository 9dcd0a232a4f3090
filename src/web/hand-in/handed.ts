import { type Signal, signal } from '@preact/signals';
import { type JobsEvent, type JobView, ProblemError } from '../../client/client.ts';
import type { JobProgress } from '../../contracts/job.ts';
import { hasEnded, type JobState, jobStates } from '../../core/job.ts';
import type { JsonObject } from '../../core/json.ts';
import { api } from '../api.ts';
import { announce } from './announce.ts';
import { type Chosen, chosen } from './chosen.ts';
import { fieldErrors } from './wanted.ts';

/** How far something is that was handed in. */
export type Status =
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'sending';
      readonly sent: number;
      readonly total: number | null;
      readonly at: number;
      readonly again: boolean;
    }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'job';
      readonly id: string;
      readonly state: JobState;
      readonly progress: JobProgress | null;
      readonly error: string | null;
    };

/** What is asked of the server, the same whenever it is sent again. */
interface Asked {
  readonly service: string;
  readonly options: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly idempotencyKey: string;
}

export interface Handed extends Chosen {
  readonly asked: Asked;
  readonly status: Signal<Status>;
}

export const batchLabel = 'batch';

/** What was handed in since the page was opened, in the order in which it was; it goes on while other pages are looked at. */
export const handed = signal<readonly Handed[]>([]);
/** The job that somebody who has handed in one file wants to see. */
export const jobToShow = signal<string | null>(null);

/** More at a time would only make each of them slower. */
const uploadsMax = 3;
const uploads = new Map<number, AbortController>();
let alone: number | null = null;
let isShown = false;

/** Whether the page is in sight: who has gone on to another one is not taken away from there. */
export function pageIsShown(is: boolean): void {
  isShown = is;
}

/** Hands in what was chosen, a few uploads at a time. Several belong together by a label. */
export function handIn(entries: readonly Chosen[], service: string, options: JsonObject): void {
  const labels: Record<string, string> = entries.length > 1 ? { [batchLabel]: crypto.randomUUID().slice(0, 8) } : {};
  const added = entries.map((entry) => ({
    ...entry,
    asked: { service, options, labels, idempotencyKey: crypto.randomUUID() },
    status: signal<Status>({ kind: 'waiting' }),
  }));
  alone = added.length === 1 ? (added[0]?.id ?? null) : null;
  handed.value = [...handed.value, ...added];
  announce(added.length === 1 ? `Sending ${added[0]?.name}.` : `Sending ${added.length} files.`);
  next();
}

/** Sends it again: as the same job, should the first have come through after all. */
export function sendAgain(entry: Handed): void {
  entry.status.value = { kind: 'waiting' };
  next();
}

export function stopSending(entry: Handed): void {
  uploads.get(entry.id)?.abort();
  entry.status.value = { kind: 'stopped' };
  announce(`${entry.name} is not sent.`);
}

/** Takes away all that is not under way to the server. */
export function clearSettled(): void {
  clear(handed.value.filter(({ status }) => !['waiting', 'sending'].includes(status.value.kind)));
}

export function clear(entries: readonly Handed[]): void {
  handed.value = handed.value.filter((entry) => !entries.includes(entry));
}

/** Whether it makes sense to send the same again. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ProblemError) || error.status >= 500 || [408, 409, 429].includes(error.status);
}

/** Keeps the jobs of the list as they are told live. */
export function hear(events: readonly JobsEvent[]): void {
  const byJob = new Map<string, Handed>();
  for (const entry of handed.value) {
    if (entry.status.value.kind === 'job') byJob.set(entry.status.value.id, entry);
  }
  for (const event of events) {
    if (event.type === 'resync') {
      for (const entry of byJob.values()) void look(entry);
      continue;
    }
    const entry = byJob.get(event.job);
    if (entry !== undefined) change(entry, event);
  }
}

function change(entry: Handed, event: Exclude<JobsEvent, { type: 'resync' }>): void {
  const status = entry.status.value;
  if (status.kind !== 'job') return;
  if (event.type === 'job.removed') clear([entry]);
  else if (event.type === 'job.progress') entry.status.value = { ...status, progress: event.data };
  else {
    const state = jobStates.find((each) => each === event.data.state);
    if (state !== undefined) entry.status.value = { ...status, state, progress: null, error: null };
    // Why it failed stands in the job.
    if (state === 'failed') void look(entry);
  }
}

function next(): void {
  for (const entry of handed.value) {
    if (uploads.size >= uploadsMax) return;
    if (entry.status.value.kind === 'waiting') void send(entry);
  }
}

async function send(entry: Handed): Promise<void> {
  const controller = new AbortController();
  uploads.set(entry.id, controller);
  sending(entry, 0, entry.bytes, false);
  try {
    const { source, asked, name } = entry;
    const job = await api.submit({
      ...asked,
      ...(source.kind === 'file' ? { source: source.file, name } : { source: { url: source.url } }),
      signal: controller.signal,
      onUpload: (sent, total) => {
        const { value } = entry.status;
        if (value.kind === 'sending') sending(entry, sent, total, value.again || sent < value.sent);
      },
    });
    arrived(entry, job);
  } catch (error) {
    if (!controller.signal.aborted) failed(entry, error);
  } finally {
    if (uploads.get(entry.id) === controller) uploads.delete(entry.id);
    next();
  }
}

function sending(entry: Handed, sent: number, total: number | null, again: boolean): void {
  entry.status.value = { kind: 'sending', sent, total, at: Date.now(), again };
}

function arrived(entry: Handed, job: JobView): void {
  if (alone === entry.id && isShown) {
    clear([entry]);
    jobToShow.value = job.id;
    return;
  }
  show(entry, job);
  // What happened between the answer and now was told before anybody listened for this job.
  if (!hasEnded(job.state)) void look(entry);
}

function show(entry: Handed, { id, state, progress, error }: JobView): void {
  entry.status.value = { kind: 'job', id, state, progress, error: error?.detail ?? null };
}

async function look(entry: Handed): Promise<void> {
  const { value } = entry.status;
  if (value.kind !== 'job') return;
  try {
    show(entry, await api.job(value.id));
  } catch (error) {
    // A job that was deleted meanwhile; without the server the next event tells.
    if (error instanceof ProblemError && error.status === 404) clear([entry]);
  }
}

/** What is wrong with the options is told at their fields, and the file lies in the tray again. */
function failed(entry: Handed, error: unknown): void {
  const wrong = error instanceof ProblemError ? error.errors.filter(({ pointer }) => pointer.startsWith('#/options/')) : [];
  if (wrong.length === 0) {
    entry.status.value = { kind: 'refused', error };
    announce(`${entry.name} could not be handed in.`);
    return;
  }
  const { status: _status, asked: _asked, ...back } = entry;
  clear([entry]);
  chosen.value = [...chosen.value, back];
  fieldErrors.value = new Map(wrong.map(({ pointer, detail }) => [decodeURI(pointer.slice('#/options/'.length)), detail]));
  announce('Some options are not right. They are marked in the form.');
}
