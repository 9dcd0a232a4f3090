import { ConnectionError } from './connection-error.ts';
import { type ProblemError, problemErrorOf } from './problem-error.ts';
import { hasXhr, xhrFetch } from './xhr-fetch.ts';

/** How often and how patiently a call is repeated. */
export interface RetryPolicy {
  /** All tries, the first included. */
  readonly attemptsMax: number;
  /** The pause after the first try; it doubles with each further one, and half of it is random. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** A Retry-After beyond this is not waited for. */
  readonly retryAfterMsMax: number;
  /** How often a live connection that was lost is opened anew in vain before it is given up. */
  readonly reconnectsMax: number;
}

/** Where calls go and how. */
export interface Connection {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  /** Whether `fetch` is the one of the platform. */
  readonly fetchIsOwn: boolean;
  readonly token: string | null;
  readonly retry: RetryPolicy;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query; may be a link of the server. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes the body anew for every try. */
  readonly body?: () => BodyInit;
  /** How much of a `Blob` is sent: for browsers, which do not send streams. */
  readonly onSent?: ((bytes: number) => void) | undefined;
  /** Whether the call may be sent again when it is not known what became of it. */
  readonly repeatable: boolean;
  /** A try that has no complete answer by then counts as lost. Missing: no limit (bodies of any size). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What Node needs beside the standard fields to send a stream. */
type StreamingInit = RequestInit & { duplex?: 'half' };

/**
 * Sends a call and reads its answer; repeats it after a lost connection, 429, 502, 503, 504 and while the first send of the same
 * idempotency key is still being worked on. Throws `ProblemError`, `ConnectionError`, or the reason of the signal.
 */
export async function send<T>(connection: Connection, call: Call, read: (response: Response) => Promise<T>): Promise<T> {
  const { retry } = connection;
  for (let attempt = 1; ; attempt++) {
    const outcome = await attemptOnce(connection, call, read);
    if (outcome.kind === 'done') return outcome.value;
    const last = attempt >= retry.attemptsMax || !call.repeatable;
    if (outcome.kind === 'lost') {
      if (last) throw new ConnectionError(urlOf(connection, call.path), attempt, outcome.cause);
      await pause(backoffMs(retry, attempt), call.signal);
      continue;
    }
    const asked = outcome.error.retryAfterMs ?? 0;
    if (last || !mayPass(outcome.error) || asked > retry.retryAfterMsMax) throw outcome.error;
    await pause(Math.max(asked, backoffMs(retry, attempt)), call.signal);
  }
}

type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly error: ProblemError }
  | { readonly kind: 'lost'; readonly cause: unknown };

async function attemptOnce<T>(connection: Connection, call: Call, read: (response: Response) => Promise<T>): Promise<Outcome<T>> {
  call.signal?.throwIfAborted();
  try {
    const response = await sendOnce(connection, call);
    if (!response.ok) return { kind: 'refused', error: await problemErrorOf(response) };
    return { kind: 'done', value: await read(response) };
  } catch (cause) {
    call.signal?.throwIfAborted();
    return { kind: 'lost', cause };
  }
}

function sendOnce(connection: Connection, call: Call): Promise<Response> {
  const url = urlOf(connection, call.path);
  const init = initOf(connection, call);
  // A `fetch` of the caller is what the caller wants to be used.
  if (call.onSent === undefined || !hasXhr || !connection.fetchIsOwn) return connection.fetch(url, init);
  return xhrFetch(url, init, call.onSent);
}

function initOf(connection: Connection, call: Call): StreamingInit {
  const signals = [call.signal, call.timeoutMs === undefined ? undefined : AbortSignal.timeout(call.timeoutMs)];
  const given = signals.filter((signal) => signal !== undefined);
  const body = call.body?.();
  return {
    method: call.method,
    headers: { ...(connection.token === null ? {} : { authorization: `Bearer ${connection.token}` }), ...call.headers },
    ...(given.length === 0 ? {} : { signal: AbortSignal.any(given) }),
    ...(body === undefined ? {} : { body }),
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  };
}

export function urlOf(connection: Connection, path: string): string {
  return `${connection.baseUrl}${path}`;
}

function mayPass(error: ProblemError): boolean {
  return [429, 502, 503, 504].includes(error.status) || error.slug === 'idempotency-in-progress';
}

/** Doubles with each attempt; half of it is random, so that clients that failed together do not come back together. */
export function backoffMs(retry: RetryPolicy, attempt: number): number {
  const full = Math.min(retry.longestDelayMs, retry.firstDelayMs * 2 ** (attempt - 1));
  return full / 2 + (Math.random() * full) / 2;
}

/** Rejects with the reason of the signal as soon as it aborts. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const aborted = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }, ms);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

/** The answer as JSON of type T. */
export async function readJson<T>(response: Response): Promise<T> {
  // The server serialises its answers with the schemas that these types are made from.
  return (await response.json()) as T;
}

export async function readNothing(response: Response): Promise<void> {
  await response.body?.cancel();
}
