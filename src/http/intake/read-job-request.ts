import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { Engine } from '../../engine/engine.ts';
import { memberSchema } from '../option-text.ts';
import { invalidFields } from '../validation.ts';
import { decodeBase64String } from './base64.ts';
import { checkRoom } from './check-room.ts';
import { cleanFileName } from './file-name.ts';
import { fileNameOf, parseParameterHeader } from './header-parameters.ts';
import type { HeldBodies } from './held-bodies.ts';
import { readForm } from './read-form.ts';
import { receiveSource } from './receive-source.ts';
import { requestBody } from './request-body.ts';
import { parseStrictJson } from './strict-json.ts';
import { isObject, type JobRequest, queryFields, type RequestedSource, type ServiceIntake } from './submission.ts';

export interface IntakeParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly uploadBytesMax: number;
  readonly held: HeldBodies;
}

/** Around the file, a multipart body has fields and boundaries. */
const multipartExtraBytes = limits.jsonBytesMax;

/**
 * Reads a request for a job of a service, told apart by its Content-Type: JSON, a form, or the bytes themselves (or base64
 * text of them). If it resolves with an `input`, its bytes are stored and must be used or discarded.
 */
export async function readJobRequest(parts: IntakeParts, intake: ServiceIntake, request: FastifyRequest): Promise<JobRequest> {
  await checkRoom(parts.engine, request);
  switch (contentTypeOf(request)) {
    case 'application/json':
      return readDocument(parts, intake, request);
    case 'multipart/form-data':
      return readMultipartRequest(parts, intake, request);
    default:
      return readRaw(parts, intake, request);
  }
}

/** The media type that a request declares, without parameters, in lower case. */
export function contentTypeOf({ headers }: FastifyRequest): string {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** A JSON body as an object; throws `malformed-json`, `validation-error` and what `requestBody` throws. */
export async function readJsonObject(
  { clock, held }: Pick<IntakeParts, 'clock' | 'held'>,
  request: FastifyRequest,
): Promise<JsonObject> {
  const value = await held.during(requestBody(request.raw, clock, limits.jsonBytesMax), parseStrictJson);
  if (!isObject(value)) throw invalidFields([{ pointer: '#', detail: 'must be object' }]);
  return value;
}

async function readDocument(parts: IntakeParts, intake: ServiceIntake, request: FastifyRequest): Promise<JobRequest> {
  refuseQuery(request);
  return readJobDocument(parts, intake, await readJsonObject(parts, request));
}

/** A job as JSON tells it. If it resolves with an `input`, its bytes are stored and must be used or discarded. */
export async function readJobDocument(parts: IntakeParts, intake: ServiceIntake, document: JsonObject): Promise<JobRequest> {
  const { source, ...rest } = document;
  const asked = intake.fromDocument(rest);
  return { ...asked, source: await sourceOf(parts, intake, source) };
}

async function sourceOf(
  { engine }: IntakeParts,
  { service }: ServiceIntake,
  source: Json | undefined,
): Promise<JobRequest['source']> {
  if (service.accepts.length === 0) {
    if (source !== undefined && source !== null)
      throw invalidFields([{ pointer: '#/source', detail: `${service.name} takes no source` }]);
    return null;
  }
  if (source === undefined) throw invalidFields([{ pointer: '#/source', detail: 'is required' }]);
  if (!isObject(source)) throw invalidFields([{ pointer: '#/source', detail: 'must be object' }]);
  if (source.url !== undefined || source.job !== undefined) return namedElsewhere(source);
  const { file, base64, name, ...others } = source;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw invalidFields([{ pointer: `#/source/${unknown.slice(0, 100)}`, detail: 'is not known' }]);
  if ((file === undefined) === (base64 === undefined)) {
    throw invalidFields([{ pointer: '#/source', detail: 'must have one of file, base64, url and job' }]);
  }
  if (typeof file === 'string' && name === undefined) return { file };
  if (file !== undefined) throw invalidFields([{ pointer: '#/source', detail: 'must have a file id as text, and no name' }]);
  if (typeof base64 !== 'string') throw invalidFields([{ pointer: '#/source/base64', detail: 'must be string' }]);
  if (name !== undefined && typeof name !== 'string')
    throw invalidFields([{ pointer: '#/source/name', detail: 'must be string' }]);
  const cleaned = cleanFileName(name);
  return { input: await receiveSource(engine, decodeBase64String(base64), { service, name: cleaned }) };
}

/** `{url}` or `{job, output}`: what they lead to is found out when the job is submitted, or worked on. */
function namedElsewhere(source: JsonObject): RequestedSource {
  const { url, job, output, ...others } = source;
  const unknown = Object.keys(others)[0];
  if ((url === undefined) === (job === undefined) || ['file', 'base64'].some((name) => Object.hasOwn(others, name)))
    throw invalidFields([{ pointer: '#/source', detail: 'must have one of file, base64, url and job' }]);
  if (unknown !== undefined) throw invalidFields([{ pointer: `#/source/${unknown.slice(0, 100)}`, detail: 'is not known' }]);
  if (job === undefined) {
    if (typeof url !== 'string') throw invalidFields([{ pointer: '#/source/url', detail: 'must be string' }]);
    if (output !== undefined) throw invalidFields([{ pointer: '#/source/output', detail: 'belongs to a job' }]);
    return { url };
  }
  if (typeof job !== 'string') throw invalidFields([{ pointer: '#/source/job', detail: 'must be string' }]);
  if (output === undefined) return { job };
  if (typeof output !== 'string') throw invalidFields([{ pointer: '#/source/output', detail: 'must be string' }]);
  return { job, output };
}

async function readMultipartRequest(parts: IntakeParts, intake: ServiceIntake, request: FastifyRequest): Promise<JobRequest> {
  refuseQuery(request);
  const { service } = intake;
  if (service.accepts.length === 0)
    throw new ServiceError('unsupported-media-type', `${service.name} takes no file; send application/json.`);
  const body = requestBody(request.raw, parts.clock, parts.uploadBytesMax + multipartExtraBytes);
  const form = await readForm(
    body,
    request.headers['content-type'] ?? '',
    (bytes, name) => receiveSource(parts.engine, bytes, { service, name }),
    (input) => parts.engine.discard(input.blob),
    parts.held,
  );
  try {
    if (form.input === null) throw invalidFields([{ pointer: '#/file', detail: 'is required' }]);
    const asked = intake.fromDocument(mergeDocuments(form.document, intake.documentOf(form.fields)));
    return { ...asked, source: { input: form.input } };
  } catch (error) {
    if (form.input !== null) await parts.engine.discard(form.input.blob);
    throw error;
  }
}

/** The part `request` and single option fields may both be there, but must not say the same thing twice. */
function mergeDocuments(document: JsonObject, fields: JsonObject): JsonObject {
  const { options: ours = {}, ...settings } = document;
  const { options: theirs = {}, ...more } = fields;
  if (!isObject(ours) || !isObject(theirs)) return document;
  const twice = [
    ...Object.keys(theirs).filter((name) => Object.hasOwn(ours, name)),
    ...Object.keys(more).filter((name) => Object.hasOwn(settings, name)),
  ][0];
  if (twice !== undefined) throw invalidFields([{ pointer: `#/${twice}`, detail: 'is given more than once' }]);
  return { ...settings, ...more, options: { ...ours, ...theirs } };
}

async function readRaw(parts: IntakeParts, intake: ServiceIntake, request: FastifyRequest): Promise<JobRequest> {
  const { service } = intake;
  if (service.accepts.length === 0)
    throw new ServiceError('unsupported-media-type', `${service.name} takes no file; send application/json.`);
  const fields = queryFields(request.query);
  const name = rawName(request, service.contract.options, fields);
  const asked = intake.fromDocument(intake.documentOf(fields));
  const body = requestBody(request.raw, parts.clock, parts.uploadBytesMax);
  return { ...asked, source: { input: await receiveSource(parts.engine, body, { service, name, orBase64: true }) } };
}

/** The name of raw bytes: in the query as `name` (unless the service has such an option), or in Content-Disposition. */
function rawName(request: FastifyRequest, options: unknown, fields: Map<string, string[]>): string | null {
  const inQuery = memberSchema(options, 'name') === undefined ? fields.get('name')?.[0] : undefined;
  if (inQuery === undefined) return dispositionName(request);
  fields.delete('name');
  return cleanFileName(inQuery, '#/name');
}

/** The file name in the Content-Disposition header of a request. */
export function dispositionName({ headers }: FastifyRequest): string | null {
  const header = headers['content-disposition'];
  const disposition = header === undefined ? null : parseParameterHeader(Buffer.from(header, 'latin1').toString('utf8'));
  return cleanFileName(disposition === null ? null : fileNameOf(disposition), '#/name');
}

/** Throws `validation-error` where the address of a request has a query. */
export function refuseQuery(request: FastifyRequest): void {
  const name = queryFields(request.query).keys().next().value;
  if (name === undefined) return;
  throw invalidFields([
    { pointer: `#/${name.slice(0, 100)}`, detail: 'belongs into the body of such a request, not into its address' },
  ]);
}
