import { createReadStream } from 'node:fs';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { Job } from '../../core/job.ts';
import { limits } from '../../core/limits.ts';
import type { Engine, SubmitRequest } from '../../engine/engine.ts';
import type { DropInRequest } from '../../http/drop-in.ts';
import { receiveSource } from '../../http/intake/receive-source.ts';
import { parseStrictJson } from '../../http/intake/strict-json.ts';
import { createServiceIntake, isObject } from '../../http/intake/submission.ts';
import { invalidFields } from '../../http/validation.ts';
import type { Sample, Service } from '../../ports/service.ts';
import type { DropInParts } from '../drop-in-parts.ts';
import type { Entry, EntryBook } from './entry-book.ts';
import { sampleOf } from './own-samples.ts';

/** Tells the jobs of WebOCR from all others. */
export const jobLabels = { dropin: 'webocr' };

export interface TakeLinkParts extends Pick<DropInParts, 'engine' | 'clock' | 'log' | 'settings'> {
  readonly service: Service;
  readonly book: EntryBook;
}

/** The link of a request; throws `malformed-json` and `validation-error`. Whatever else stands there is passed over: old pages send more. */
export async function readLink({ held, body }: DropInRequest): Promise<string> {
  const value = await held.during(body(limits.jsonBytesMax), parseStrictJson);
  const url = isObject(value) ? value.url : undefined;
  if (url === undefined) throw new ServiceError('validation-error', 'Missing required parameter url');
  if (typeof url !== 'string') throw invalidFields([{ pointer: '#/url', detail: 'must be string' }]);
  if (Buffer.byteLength(url) > limits.sourceUrlBytesMax)
    throw invalidFields([{ pointer: '#/url', detail: `is longer than ${limits.sourceUrlBytesMax} bytes` }]);
  return url;
}

/**
 * Makes a job of a link, and then its number: a server that dies between the two leaves a job of which nobody was told, and which
 * gets its number when somebody asks for it.
 */
export function linkTaker(parts: TakeLinkParts): (request: DropInRequest, url: string) => Promise<Entry> {
  const { engine, clock, log, settings, service, book } = parts;
  const { options } = createServiceIntake(service).fromDocument({ options: { outputs: ['text'] } });

  return async ({ caller, client, headers, traceId }, url) => {
    const entry = { caller, client, url, refusal: null, createdAt: clock.now() };
    const sample = sampleOf(url, headers.host, settings.publicUrl);
    const request = { caller, service, options, traceId, labels: jobLabels };
    const made = await (sample === null ? submitLink(engine, request, url) : submitSample(engine, request, sample));
    if (made instanceof ServiceError) return book.add({ ...entry, id: newId(), refusal: made.message });
    try {
      return await book.add({ ...entry, id: made.id });
    } catch (error) {
      // The client is told that nothing came of it.
      await engine.remove(caller, made.id).catch((cause: unknown) => log.error({ err: cause, job: made.id }, 'webocr.failed'));
      throw error;
    }
  };
}

/** The job, or why the link is refused by its spelling: WebOCR took such a one, and told later. */
async function submitLink(engine: Engine, request: Omit<SubmitRequest, 'source'>, url: string): Promise<Job | ServiceError> {
  try {
    return await engine.submit({ ...request, source: { url } });
  } catch (error) {
    if (error instanceof ServiceError && ['validation-error', 'source-not-allowed'].includes(error.code)) return error;
    throw error;
  }
}

async function submitSample(engine: Engine, request: Omit<SubmitRequest, 'source'>, { name, file }: Sample): Promise<Job> {
  const input = await receiveSource(engine, createReadStream(file), { service: request.service, name });
  try {
    return await engine.submit({ ...request, source: { input } });
  } catch (error) {
    await engine.discard(input.blob);
    throw error;
  }
}
