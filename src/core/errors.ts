import type { JsonObject } from './json.ts';

/** What is to know about one kind of error: the whole catalogue of what Coatcheck answers, also shown at `/problems/<slug>`. */
export interface ErrorKind {
  readonly status: number;
  readonly title: string;
  /** Whether the same request, or the same job, may succeed later without being changed. */
  readonly retryable: boolean;
  /** What it means and the way out. */
  readonly help: string;
}

const kind = (status: number, title: string, help: string, retryable = false): ErrorKind => ({ status, title, retryable, help });

/** Every error that leaves Coatcheck, by its slug. `docs/errors.md` and the pages under `/problems/` are made from it. */
export const errorKinds = {
  'bad-request': kind(
    400,
    'The request cannot be understood',
    'The detail says which part of the request is wrong. Mend that part and send it again.',
  ),
  'malformed-json': kind(
    400,
    'The body is not valid JSON',
    'Send one JSON value in UTF-8 without a byte order mark, without trailing commas, without duplicate or reserved names (`__proto__`, `constructor`), nested at most 64 deep.',
  ),
  'malformed-multipart': kind(
    400,
    'The multipart body cannot be read',
    'Send `multipart/form-data` with its boundary parameter and end the body with the closing boundary; most clients do both when they set the header themselves.',
  ),
  'malformed-base64': kind(
    400,
    'The text is not valid base64',
    'Send the bytes in the standard or the URL-safe base64 alphabet, with or without line breaks.',
  ),
  'invalid-cursor': kind(
    400,
    'The cursor is not one of ours',
    'Cursors are opaque: pass on exactly what an earlier answer gave you, or start without one.',
  ),
  'invalid-idempotency-key': kind(
    400,
    'The Idempotency-Key header is not usable',
    'Send 1 to 255 printable ASCII characters, bare or in double quotes.',
  ),
  'host-not-allowed': kind(
    403,
    'This host name is not served',
    'Without authentication the server answers only to its own names, so that a web page cannot reach it through a name of its own. Use the address that `coatcheck serve` printed, or set COATCHECK_PUBLIC_URL.',
  ),
  'origin-not-allowed': kind(
    403,
    'A web page of another origin may not change anything here',
    'Without authentication, changes are accepted only from pages that this server serves. Set COATCHECK_PUBLIC_URL if the page is served under another name.',
  ),
  'not-found': kind(404, 'There is nothing here', 'The path is wrong, the id is unknown, or it was deleted.'),
  'method-not-allowed': kind(405, 'This path does not take this method', 'The Allow header lists the methods that it takes.'),
  'not-acceptable': kind(
    406,
    'None of the accepted media types can be given',
    'Ask for `application/json`, or leave the Accept header out.',
  ),
  'job-not-cancellable': kind(409, 'The job has already ended', 'A finished job stays as it is. Delete it to be rid of it.'),
  'job-not-retryable': kind(
    409,
    'Only a failed or canceled job can run again',
    'Wait until the job has ended, or submit the same source again with `fresh: true`.',
  ),
  'job-not-finished': kind(409, 'The job has no result yet', 'Poll `/v1/queue/{id}`, or wait with `/v1/jobs/{id}?wait=30s`.'),
  'job-failed': kind(
    409,
    'The job failed, so it has no result',
    'The `error` of the job says why. `POST /v1/jobs/{id}/retry` runs it again.',
  ),
  'job-canceled': kind(409, 'The job was canceled, so it has no result', '`POST /v1/jobs/{id}/retry` runs it again.'),
  'idempotency-in-progress': kind(
    409,
    'A request with this Idempotency-Key is still being worked on',
    'Wait a moment and send the same request again: it will get the answer of the first.',
    true,
  ),
  'reading-conflict': kind(
    409,
    'This readingId belongs to another pour',
    'A reading counts once a tap. Send a new `readingId` with each pour; repeat one only with the same `volume` and `pouredAt`.',
  ),
  'resource-in-use': kind(409, 'A job is using this file', 'Cancel the job or wait for its end, then delete the file.', true),
  'result-expired': kind(
    410,
    'The result is no longer kept',
    'Results are kept for the time that the `expiresAt` of the job told. Submit the source again.',
  ),
  'reading-removed': kind(
    410,
    'The beer of this readingId was deleted',
    'A reading counts once a tap, so that sending it again does not bring the beer back. Send a new `readingId` with a new pour.',
  ),
  'input-expired': kind(410, 'The input of the job is no longer kept', 'Submit the source again.'),
  'payload-too-large': kind(
    413,
    'The body is larger than the limit',
    'Send less, or raise the limit with COATCHECK_UPLOAD_BYTES_MAX.',
  ),
  'too-many-parts': kind(413, 'The multipart body has too many parts', 'Send one file and its options in one request.'),
  'media-limits-exceeded': kind(
    413,
    'The file has too many pixels, frames or pages',
    'A picture may have 50 million pixels a frame and 1,000 frames, a PDF 2,000 pages. Make it smaller before you hand it in.',
  ),
  'unsupported-media-type': kind(
    415,
    'The service does not take this kind of file',
    'What counts are the bytes, not the name or the header. `GET /v1/services` lists what each service takes.',
  ),
  'range-not-satisfiable': kind(
    416,
    'The file does not have this range',
    'The Content-Range header of the answer tells the length of the file.',
  ),
  'expectation-failed': kind(417, 'The Expect header asks for something unknown', 'Only `100-continue` can be expected.'),
  'empty-file': kind(422, 'The file is empty', 'Send at least one byte.'),
  'validation-error': kind(
    422,
    'Some fields are not valid',
    'Each of `errors` points to a field and says what is wrong with it.',
  ),
  'digest-mismatch': kind(
    422,
    'The bytes do not have the declared digest',
    'The body was changed on its way, or the digest is of something else. Send it again.',
  ),
  'idempotency-key-reused': kind(
    422,
    'This Idempotency-Key belongs to another request',
    'Use a new key for a new request; repeat a key only with exactly the same request.',
  ),
  'unprocessable-media': kind(
    422,
    'The file is damaged or cannot be decoded',
    'Open it in the program that made it and save it again. The detail tells what the decoder says.',
  ),
  'password-required': kind(
    422,
    'The file is encrypted and needs a password',
    'Hand in its password with the option `password` where the service has one, or a copy without encryption.',
  ),
  'wrong-password': kind(
    422,
    'The password does not open the file',
    'Hand the file in again with its right password: the one that opens it or the one of its owner.',
  ),
  'language-not-installed': kind(
    422,
    'The language is not installed',
    '`GET /v1/services` lists the languages that are. The detail tells how to install another; then retry the job.',
  ),
  'unknown-model': kind(
    422,
    'The model is not installed',
    '`GET /v1/services` lists the models that are. The operator adds more with `coatcheck model pull` and `coatcheck model add`, then restarts the server.',
  ),
  'model-unusable': kind(
    422,
    'The model cannot be used',
    'Its files are damaged or were changed, or it is no classifier of pictures. The operator removes it with `coatcheck model remove` and adds it again.',
  ),
  'upgrade-required': kind(426, 'This path speaks another protocol', 'The Upgrade header tells which.'),
  'too-many-subscriptions': kind(
    429,
    'The socket has too many subscriptions',
    'A socket may have 100 topics. Subscribe to `jobs`, which tells of all of your jobs, or open another socket.',
  ),
  'rate-limited': kind(429, 'Too many requests', 'Wait for the seconds that Retry-After tells.', true),
  'quota-exceeded': kind(
    429,
    'The caller has too many jobs waiting',
    'Wait for the seconds that Retry-After tells, or cancel jobs that are not needed. The operator sets the number with COATCHECK_CALLER_QUEUED_JOBS_MAX.',
    true,
  ),
  'request-header-fields-too-large': kind(431, 'The headers or the address are too long', 'Send at most 16 kB of headers.'),
  'request-timeout': kind(408, 'The request did not arrive in time', 'Send it again over a faster connection.', true),
  'internal-error': kind(
    500,
    'Something broke on our side',
    'It is in the log of the server under the trace id that the answer tells. Try again; if it stays, report it.',
    true,
  ),
  'service-unavailable': kind(
    503,
    'A part that is needed does not answer',
    'Wait for the seconds that Retry-After tells and send it again.',
    true,
  ),
  'queue-full': kind(503, 'Too many jobs are waiting', 'Wait for the seconds that Retry-After tells, or add workers.', true),
  overloaded: kind(
    503,
    'More comes in at once than can be taken',
    'Nothing of the request was kept. Send it again after the seconds that Retry-After tells, with fewer at a time.',
    true,
  ),
  'too-many-sockets': kind(
    503,
    'Too many live sockets are open',
    'Close sockets that are not needed, or wait for the seconds that Retry-After tells. Server-sent events and polling work meanwhile.',
    true,
  ),
  'shutting-down': kind(
    503,
    'The server is stopping',
    'Send it again: another server, or this one after its restart, will take it.',
    true,
  ),
  'insufficient-storage': kind(
    507,
    'There is no room left to store this',
    'Free some space where the data folder lies, then send it again.',
    true,
  ),

  'time-limit-exceeded': kind(
    422,
    'The job took longer than it may',
    'Hand in something smaller, or ask for less in one job; it is not tried again by itself.',
  ),
  'memory-limit-exceeded': kind(
    422,
    'The job needed more memory than it may',
    'Hand in something smaller, or ask for less in one job.',
    true,
  ),
  'executor-crashed': kind(
    500,
    'The process that worked on the job died',
    'The file may be made to break the decoder. The job was tried as often as it may; `POST /v1/jobs/{id}/retry` tries again.',
    true,
  ),
  'source-not-allowed': kind(
    422,
    'The link leads to a place that may not be fetched',
    'Links must be http or https, name no user, and lead to a public address on port 80, 443, 8080 or 8443. The operator can allow further hosts, networks and ports with COATCHECK_ALLOW_SOURCE.',
  ),
  'too-many-redirects': kind(
    422,
    'The link redirects too often',
    'Give the address that the redirects end at; at most five are followed.',
  ),
  'source-too-large': kind(
    413,
    'What the link gives is larger than the limit',
    'Link to something smaller, or raise the limit with COATCHECK_UPLOAD_BYTES_MAX.',
  ),
  'source-timeout': kind(
    504,
    'The server of the link is too slow',
    'It did not answer in time, or sends too slowly. Try again, or download the file and hand it in itself.',
    true,
  ),
  'source-fetch-failed': kind(
    502,
    'The link could not be fetched',
    'The detail tells what its server said or did. Open the link in a browser that is not signed in anywhere; it must give the file itself.',
    true,
  ),
  'deadline-exceeded': kind(
    422,
    'The job was not done by its deadline',
    'Set a later deadline, a higher priority, or add workers.',
  ),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** One field that is wrong: where it is (RFC 6901, as a URI fragment) and what is wrong with it. */
export interface FieldError {
  pointer: string;
  detail: string;
}

/** The error of a failed job as it is stored and shown: RFC 9457 plus whether another try may help. */
export interface JobError extends JsonObject {
  type: string;
  title: string;
  status: number;
  detail: string;
  retryable: boolean;
}

/** Where the page of an error is, relative to the server. */
export function problemType(code: ErrorCode): string {
  return `/problems/${code}`;
}

/** An error with a code of the table and a sentence for whoever called. The cause goes to the log, never into an answer. */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[];
  /** When it makes sense to try again. */
  readonly retryAfterSeconds: number | undefined;
  /** Whether another try may help: what the table says of the code, unless it is known better here. */
  readonly retryable: boolean;

  constructor(
    code: ErrorCode,
    detail: string,
    more: { cause?: unknown; fields?: readonly FieldError[]; retryAfterSeconds?: number; retryable?: boolean } = {},
  ) {
    super(detail, { cause: more.cause });
    this.name = 'ServiceError';
    this.code = code;
    this.fields = more.fields ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.retryable = more.retryable ?? errorKinds[code].retryable;
  }

  get kind(): ErrorKind {
    return errorKinds[this.code];
  }
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorKinds, text);
}

/** The stored form of an error that ended a job or an attempt. */
export function jobError(code: ErrorCode, detail: string, retryable: boolean = errorKinds[code].retryable): JobError {
  const { title, status } = errorKinds[code];
  return { type: problemType(code), title, status, detail, retryable };
}
