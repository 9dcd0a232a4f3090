import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { ServiceError } from '../core/errors.ts';
import { isId } from '../core/ids.ts';
import { hasEnded, type Job } from '../core/job.ts';
import type { Engine } from '../engine/engine.ts';
import type { NewInput } from '../engine/received.ts';
import type { DropIn, DropInAnswer, DropInError, DropInRequest } from '../http/drop-in.ts';
import { receiveSource } from '../http/intake/receive-source.ts';
import { createServiceIntake } from '../http/intake/submission.ts';
import type { Service } from '../ports/service.ts';
import type { DropInParts } from './drop-in-parts.ts';
import { jsonBody } from './json-body.ts';
import { readDeclaredType, wrongType } from './thumbnailify/declared-type.ts';
import { base64Chars, encodeBase64 } from './thumbnailify/encode-base64.ts';
import { acceptedImage, declaredType, imageLabels, imageState, isImage, mediaTypeLabel } from './thumbnailify/image-state.ts';
import { listImages } from './thumbnailify/list-images.ts';
import { decodeLooseBase64 } from './thumbnailify/loose-base64.ts';
import { thumbnailFormat } from './thumbnailify/thumbnail-format.ts';

const serviceName = 'thumbnails';

/**
 * How long a read waits for a picture that is being worked on. "In progress" was told by the status 102, which no answer may have; a
 * client that goes by the status alone thus nearly always gets the end.
 */
const patienceMs = 1_000;

/** At most 100x100 in the shape of the picture, small ones enlarged. */
const size = { width: 100, height: 100, fit: 'inside', enlarge: true };

/** Thumbnailify: base64 text under `image/*` in, a state to poll, base64 text of a thumbnail out. Its pictures are jobs with a label. */
export function thumbnailify({ engine, settings }: DropInParts): DropIn | null {
  const service = engine.services.get(serviceName);
  if (service === undefined) return null;
  const submit = submitter(engine, service);
  return {
    routes: [
      {
        method: 'POST',
        path: '/images',
        admits: serviceName,
        async handle(request) {
          const mediaType = readDeclaredType(request.headers['content-type']);
          const bytes = decodeLooseBase64(request.body(settings.uploadBytesMax));
          const input = await receiveSource(engine, bytes, { service: null, name: null, orEmpty: true });
          return { status: 202, ...jsonBody(acceptedImage(await submit(request, input, mediaType))) };
        },
      },
      { method: 'GET', path: '/images', handle: (request) => listImages(engine, request) },
      {
        method: 'GET',
        path: '/images/:id',
        async handle(request) {
          const { status, body } = imageState(await findEndedImage(engine, request));
          return { status, ...jsonBody(body) };
        },
      },
      {
        method: 'DELETE',
        path: '/images/:id',
        async handle(request) {
          const { id } = await findImage(engine, request);
          await engine.remove(request.caller, id);
          return { status: 204 };
        },
      },
      { method: 'GET', path: '/images/:id/thumbnail', handle: (request) => sendThumbnail(engine, request) },
    ],
    errorAnswer,
  };
}

/** A Content-Type that is none by its form is refused before any route sees it: it is told like the others that are not taken. */
function errorAnswer(error: ServiceError, headers: IncomingHttpHeaders): DropInError {
  const wrong = error.code === 'unsupported-media-type' ? wrongType(headers['content-type']) : null;
  const { message, kind } = wrong ?? error;
  return { status: kind.status, ...jsonBody({ message }) };
}

/** Whatever the bytes are, they become a job, as it was: what is no picture shows in its state. */
function submitter(engine: Engine, service: Service) {
  const intake = createServiceIntake(service);
  return async ({ caller, traceId }: DropInRequest, input: NewInput, mediaType: string): Promise<Job> => {
    try {
      const labels = { ...imageLabels, [mediaTypeLabel]: mediaType };
      const asked = { options: { sizes: [size], format: thumbnailFormat(mediaType), animated: true } };
      const { options } = intake.fromDocument(asked);
      return await engine.submit({ caller, service, source: { input }, options, labels, traceId });
    } catch (error) {
      await engine.discard(input.blob);
      throw error;
    }
  };
}

/** The caller's picture, or `not-found`. A job that was not handed in here is none. */
async function findImage(engine: Engine, { caller, params: { id = '' } }: DropInRequest): Promise<Job> {
  const job = isId(id) ? await engine.job(caller, id.toLowerCase()).catch(nullIfNotFound) : null;
  if (job !== null && isImage(job)) return job;
  throw new ServiceError('not-found', `Resource with id \`${id}\` not found`);
}

/** The same; one that is being worked on gets a moment to come to its end. */
async function findEndedImage(engine: Engine, request: DropInRequest): Promise<Job> {
  const job = await findImage(engine, request);
  return hasEnded(job.state) ? job : engine.waitForEnd(request.caller, job.id, patienceMs, new AbortController().signal);
}

function nullIfNotFound(error: unknown): null {
  if (error instanceof ServiceError && error.code === 'not-found') return null;
  throw error;
}

async function sendThumbnail(engine: Engine, request: DropInRequest): Promise<DropInAnswer> {
  const job = await findEndedImage(engine, request);
  if (!hasEnded(job.state)) {
    const message = 'The thumbnail is not there yet, use `media_id` to check status';
    throw new ServiceError('job-not-finished', message, { retryAfterSeconds: 1 });
  }
  if (job.state !== 'succeeded') throw new ServiceError('job-failed', imageState(job).body.message);
  const file = await engine.output(request.caller, job.id, undefined);
  const declared = declaredType(job);
  return {
    status: 200,
    headers: {
      'content-type': thumbnailFormat(declared) === 'same' ? file.mediaType : declared,
      'content-length': String(base64Chars(file.bytes)),
    },
    body: Readable.from(encodeBase64(await engine.openFile(file)), { objectMode: false }),
  };
}
