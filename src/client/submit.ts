import type { JobSettings, JobView } from '../contracts/job.ts';
import type { StoredFileView } from '../contracts/stored-file.ts';
import type { JsonObject } from '../core/json.ts';
import { type FilePart, multipartBody } from './multipart.ts';
import { type Call, type Connection, readJson, send } from './send.ts';

/** What a job is to work on: bytes, a file that the server has already, a link that it fetches, what an earlier job made, or null for services that need none. */
export type SubmitSource =
  | Blob
  | Uint8Array<ArrayBuffer>
  | ArrayBuffer
  | ReadableStream<Uint8Array>
  | { readonly file: string }
  | { readonly url: string }
  | { readonly job: string; readonly output?: string }
  | null;

export interface SubmitRequest extends Readonly<JobSettings> {
  readonly service: string;
  /** A stream is sent once; everything else is sent again after a lost connection. */
  readonly source: SubmitSource;
  /** Of the service. */
  readonly options?: JsonObject;
  /** File name for people; that of a `File` unless given. */
  readonly name?: string;
  /** Answer with the finished job and its `result` if it ends within so many seconds (at most 60). */
  readonly waitSeconds?: number;
  /** For a caller that repeats the call itself; one is made otherwise. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal | undefined;
  /** How much of the body is sent; `total` is null for a stream. Starts over when the body is sent again. */
  readonly onUpload?: ((sentBytes: number, totalBytes: number | null) => void) | undefined;
}

export interface UploadRequest {
  readonly bytes: Blob | Uint8Array<ArrayBuffer> | ArrayBuffer | ReadableStream<Uint8Array>;
  readonly name?: string;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal | undefined;
  readonly onUpload?: SubmitRequest['onUpload'];
}

/** Stores a file for later jobs. */
export function upload(connection: Connection, request: UploadRequest): Promise<StoredFileView> {
  const { signal, onUpload, idempotencyKey } = request;
  const headers = { 'idempotency-key': idempotencyKey ?? crypto.randomUUID() };
  const body = multipartCall(filePart(request.bytes, request.name), null, headers, onUpload);
  return send<StoredFileView>(connection, { method: 'POST', path: '/v1/files', signal, ...body }, readJson);
}

/** Hands in a job and answers with it; durable when it resolves. However often the connection breaks, there is one job. */
export function submit(connection: Connection, request: SubmitRequest): Promise<JobView> {
  const { service, source, options, name, waitSeconds, idempotencyKey, signal, onUpload, ...settings } = request;
  const asked = { ...(options === undefined ? {} : { options }), ...settings };
  const headers = {
    'idempotency-key': idempotencyKey ?? crypto.randomUUID(),
    ...(waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),
  };
  const call = { method: 'POST', path: `/v1/${encodeURIComponent(service)}`, signal } as const;
  if (source === null || 'file' in source || 'url' in source || 'job' in source) {
    const document = JSON.stringify(source === null ? asked : { source, ...asked });
    const body = () => document;
    return send<JobView>(
      connection,
      { ...call, body, headers: { ...headers, 'content-type': 'application/json' }, repeatable: true },
      readJson,
    );
  }
  return send<JobView>(connection, { ...call, ...multipartCall(filePart(source, name), asked, headers, onUpload) }, readJson);
}

function filePart(source: UploadRequest['bytes'], name: string | undefined): FilePart {
  const bytes = source instanceof Blob || source instanceof ReadableStream ? source : new Blob([source]);
  return { bytes, name: name ?? nameOf(bytes), mediaType: mediaTypeOf(bytes) };
}

function multipartCall(
  file: FilePart,
  asked: unknown,
  headers: Readonly<Record<string, string>>,
  onUpload: SubmitRequest['onUpload'],
): Pick<Call, 'body' | 'headers' | 'repeatable' | 'onSent'> {
  const { body, bytes, contentType } = multipartBody(file, asked);
  const typed = { ...headers, 'content-type': contentType };
  if (onUpload === undefined || !streamsUploads) {
    const onSent = onUpload === undefined ? undefined : (sent: number) => onUpload(sent, bytes);
    return { body: () => body, headers: typed, repeatable: body instanceof Blob, onSent };
  }
  return {
    body: () => counted(body instanceof Blob ? body.stream() : body, (sent) => onUpload(sent, bytes)),
    headers: bytes === null ? typed : { ...typed, 'content-length': String(bytes) },
    repeatable: body instanceof Blob,
  };
}

/** Browsers stream bodies over HTTP/2 only, or not at all. */
const streamsUploads = typeof process !== 'undefined' && typeof process.versions?.node === 'string';

function counted(stream: ReadableStream<Uint8Array>, onSent: (bytes: number) => void): ReadableStream<Uint8Array> {
  let sent = 0;
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        sent += chunk.byteLength;
        controller.enqueue(chunk);
        onSent(sent);
      },
    }),
  );
}

function nameOf(bytes: Blob | ReadableStream<Uint8Array>): string {
  return typeof File !== 'undefined' && bytes instanceof File && bytes.name !== '' ? bytes.name : 'file';
}

function mediaTypeOf(bytes: Blob | ReadableStream<Uint8Array>): string {
  return bytes instanceof Blob && bytes.type !== '' ? bytes.type : 'application/octet-stream';
}
