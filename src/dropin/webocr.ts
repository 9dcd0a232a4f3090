import { readFile } from 'node:fs/promises';
import { ServiceError } from '../core/errors.ts';
import { isId } from '../core/ids.ts';
import type { Job } from '../core/job.ts';
import type { Engine } from '../engine/engine.ts';
import type { DropIn, DropInAnswer, DropInError, DropInRequest, DropInRoute } from '../http/drop-in.ts';
import type { DropInParts } from './drop-in-parts.ts';
import { jsonBody } from './json-body.ts';
import { type Entry, type EntryBook, openEntryBook } from './webocr/entry-book.ts';
import { samples, samplesPath } from './webocr/own-samples.ts';
import { jobLabels, linkTaker, readLink } from './webocr/take-link.ts';
import { createTeller } from './webocr/teller.ts';
import { queueView, type ServiceView, serviceView } from './webocr/views.ts';

const serviceName = 'ocr';
/** As many of the newest as fit are listed. */
const listMax = 1_000;
const listCharsMax = 8_000_000;
/** Looked at with each new entry: those of jobs that are gone go, too. */
const sweptAtOnce = 2;
/** A refused link has no job to go with. */
const refusedKeptMs = 30 * 86_400_000;

/** WebOCR: hand in the link of a picture or PDF, poll, and get its text under a small number. Null where nothing reads text. */
export async function webocr({ engine, clock, log, settings }: DropInParts): Promise<DropIn | null> {
  const service = engine.services.get(serviceName);
  if (service === undefined) return null;
  const book = await openEntryBook(engine.documents);
  const teller = createTeller({ engine, log, book });
  const take = linkTaker({ engine, clock, log, settings, service, book });

  async function post(request: DropInRequest): Promise<DropInAnswer> {
    const url = await readLink(request);
    await teller.ready();
    const entry = await teller.during(take(request, url));
    if (entry.refusal !== null) teller.tellRefusal(entry);
    await sweep().catch((cause: unknown) => log.error({ err: cause }, 'webocr.failed'));
    return { status: 202, headers: { 'content-location': `/queue/${entry.id}` } };
  }

  async function sweep(): Promise<void> {
    for (const entry of await book.oldest(sweptAtOnce)) {
      const isOld = clock.now() - entry.createdAt > refusedKeptMs;
      if (entry.refusal === null ? (await jobOf(engine, entry)) === null : isOld) await book.remove(entry.id);
    }
  }

  async function queue({ caller, params: { id = '' } }: DropInRequest): Promise<DropInAnswer> {
    const entry = await entryFor(engine, book, caller, id.toLowerCase());
    const job = await jobOf(engine, entry);
    if (isGone(entry, job)) throw notFound();
    const view = queueView(entry, job);
    if (view !== null) return { status: 200, ...jsonBody(view) };
    return { status: 303, headers: { location: `/api/v1/service/${entry.number}` } };
  }

  async function one({ caller, params: { number = '' } }: DropInRequest): Promise<DropInAnswer> {
    const entry = /^\d{1,15}$/.test(number) ? await book.byNumber(Number(number)) : null;
    const job = entry === null ? null : await jobOf(engine, entry);
    if (entry === null || entry.caller !== caller || isGone(entry, job)) {
      const headers = { 'content-type': 'text/plain; charset=utf-8' };
      return { status: 404, headers, body: `Service ${number} not found` };
    }
    return { status: 200, ...jsonBody(await serviceView(engine, entry, job)) };
  }

  async function list({ caller }: DropInRequest): Promise<DropInAnswer> {
    const services: ServiceView[] = [];
    let chars = 0;
    for (const entry of await book.newest(caller, listMax)) {
      const job = await jobOf(engine, entry);
      if (isGone(entry, job)) continue;
      const view = await serviceView(engine, entry, job);
      chars += view.state === 'SUCCESS' ? view.result.length : 0;
      if (chars > listCharsMax && services.length > 0) break;
      services.push(view);
    }
    return { status: 200, ...jsonBody({ services: services.reverse() }) };
  }

  return {
    routes: [
      { method: 'POST', path: '/api/v1/services', admits: serviceName, handle: post },
      { method: 'GET', path: '/api/v1/services', handle: list },
      { method: 'GET', path: '/api/v1/services/', handle: list },
      { method: 'GET', path: '/api/v1/service/:number', handle: one },
      { method: 'GET', path: '/queue/:id', handle: queue },
      ...sampleRoutes,
    ],
    sockets: [{ path: '/websocket', connected: teller.connected }],
    errorAnswer,
  };
}

const sampleRoutes = samples.map(
  ({ name, mediaType, file }): DropInRoute => ({
    method: 'GET',
    path: samplesPath + name,
    handle: async () => ({ status: 200, headers: { 'content-type': mediaType }, body: await readFile(file) }),
  }),
);

/** Of a job that has no number yet, because the server died before it got one, it is given now. Throws `not-found`. */
async function entryFor(engine: Engine, book: EntryBook, caller: string, id: string): Promise<Entry> {
  if (!isId(id)) throw notFound();
  const entry = await book.byId(id);
  if (entry?.caller === caller) return entry;
  if (entry !== null) throw notFound();
  const { service, labels, link, source, createdAt } = await engine.job(caller, id);
  if (service !== serviceName || labels.dropin !== jobLabels.dropin) throw notFound();
  const url = link?.url ?? `${samplesPath}${source?.name ?? ''}`;
  return book.add({ id, caller, client: '', url, refusal: null, createdAt });
}

async function jobOf(engine: Engine, { caller, id, refusal }: Entry): Promise<Job | null> {
  if (refusal !== null) return null;
  return engine.job(caller, id).catch((error: unknown) => {
    if (error instanceof ServiceError && error.code === 'not-found') return null;
    throw error;
  });
}

/** Its job was deleted, or is no longer kept. */
function isGone({ refusal }: Entry, job: Job | null): boolean {
  return job === null && refusal === null;
}

function notFound(): ServiceError {
  return new ServiceError('not-found', 'There is no such task.');
}

/** A 404 has no body; everything else says why, as JSON. What is wrong with a body is a 400. */
function errorAnswer(error: ServiceError): DropInError {
  if (error.code === 'not-found') return { body: '' };
  return { ...(error.code === 'validation-error' ? { status: 400 } : {}), ...jsonBody({ msg: error.message }) };
}
