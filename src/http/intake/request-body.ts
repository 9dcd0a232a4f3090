import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import { tellToContinue } from '../continue-when-read.ts';
import { createPace } from '../pace.ts';

/** The client went away in the middle of its body: there is nobody to answer. */
export class ClientGone extends Error {
  constructor(cause?: unknown) {
    super('the client went away', { cause });
    this.name = 'ClientGone';
  }
}

/**
 * The body of a request as it was meant: unpacked, and checked against its declared digests when it ends. Throws
 * `payload-too-large` beyond `bytesMax` (before reading where Content-Length says so, else at the limit),
 * `digest-mismatch`, `request-timeout`, `unsupported-media-type` for an unknown Content-Encoding, and `ClientGone`.
 * Stopping early leaves the connection open, so that the error can still be answered.
 */
export function requestBody(request: IncomingMessage, clock: Clock, bytesMax: number): AsyncGenerator<Buffer> {
  refuseDeclaredLength(request, bytesMax);
  const raw = withDigest(rawBody(request, clock), declaredDigests(request.headers));
  return limited(decoded(raw, request.headers['content-encoding']), bytesMax);
}

/** All of a body that is small enough to be held. */
export async function wholeBody(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/**
 * All of a body of which little is expected. Most come with the head of their request: such a one is taken as it lies there, without
 * what it takes to wait for one, which costs more than all the rest of a small request. Throws what `requestBody` throws.
 */
export async function smallBody(request: IncomingMessage, clock: Clock, bytesMax: number): Promise<Buffer> {
  const { headers } = request;
  const declared = Number(headers['content-length'] ?? Number.NaN);
  const isPlain = headers['content-encoding'] === undefined && declaredDigests(headers).length === 0;
  if (isPlain && declared > 0 && declared <= bytesMax) {
    // What came in one piece with the head is there in the next turn.
    await null;
    if (request.readableLength === declared) {
      const body: unknown = request.read();
      if (body instanceof Buffer) return body;
    }
  }
  return wholeBody(requestBody(request, clock, bytesMax));
}

function refuseDeclaredLength({ headers }: IncomingMessage, bytesMax: number): void {
  const declared = Number(headers['content-length'] ?? 0);
  if (declared > bytesMax) throw tooLarge(`The body is ${declared} bytes`, bytesMax);
}

function tooLarge(what: string, bytesMax: number): ServiceError {
  return new ServiceError('payload-too-large', `${what}; the limit is ${bytesMax} bytes.`);
}

/** So many bytes of a body may lie here before they are taken. */
const aheadBytesMax = 256 * 1024;

/**
 * Reads as fast as the chunks are taken, and notices when they stop coming. Takes what lies in the connection at once, up to a limit:
 * by `readable` Node would stop after every 64 kB until the next turn of the event loop, and turns are long when the server is busy.
 */
async function* rawBody(request: IncomingMessage, clock: Clock): AsyncGenerator<Buffer> {
  let failure: Error | null = null;
  let ended = request.readableEnded;
  let bytes = 0;
  let aheadBytes = 0;
  const ahead: Buffer[] = [];
  let wake = () => {};
  const startedAt = clock.now();
  const pace = createPace(limits.bodyIdleMs, 0, startedAt);
  let waiting = false;
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  const onData = (chunk: Buffer) => {
    ahead.push(chunk);
    aheadBytes += chunk.length;
    if (aheadBytes >= aheadBytesMax) request.pause();
    wake();
  };
  const onEnd = () => {
    ended = true;
    wake();
  };
  const onError = (error: Error) => fail(new ClientGone(error));
  const onClose = () => {
    if (!ended) fail(new ClientGone());
  };
  const check = () => {
    const now = clock.now();
    // While we are the ones who do not read, its bytes cannot come.
    if (!waiting) pace.forgive(bytes, now);
    if (waiting && pace.isTooSlow(bytes, now))
      fail(
        new ServiceError(
          'request-timeout',
          `The body came too slowly: ${bytes} bytes in ${Math.round((now - startedAt) / 1000)} s.`,
        ),
      );
    else clearTimer = clock.after(limits.connectionCheckMs, check);
  };
  let clearTimer = clock.after(limits.connectionCheckMs, check);
  request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  // Who went before anybody listened (while a key was being reserved, say) is not told of again.
  if (request.destroyed) onClose();
  tellToContinue(request);
  try {
    for (;;) {
      const chunk = ahead.shift();
      if (chunk !== undefined) {
        bytes += chunk.length;
        aheadBytes -= chunk.length;
        if (aheadBytes < aheadBytesMax && request.isPaused()) request.resume();
        yield chunk;
        continue;
      }
      if (ended) return;
      if (failure !== null) throw failure;
      waiting = true;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      waiting = false;
    }
  } finally {
    clearTimer();
    // Whoever answers says what becomes of the rest.
    if (!ended) request.pause();
    request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
    // Without a listener an aborted request would end the process.
    request.on('error', () => {});
  }
}

function decoded(raw: AsyncGenerator<Buffer>, encoding: string | undefined): AsyncGenerator<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? 'identity';
  if (name === 'identity' || name === '') return raw;
  if (name === 'gzip' || name === 'x-gzip') return gunzipped(raw);
  throw new ServiceError('unsupported-media-type', `The Content-Encoding ${name.slice(0, 40)} is not taken; send gzip or none.`);
}

async function* gunzipped(raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const packed = Readable.from(raw, { objectMode: false });
  packed.on('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk;
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^Z_/.test(String(error.code))) {
      throw new ServiceError('bad-request', 'The body says that it is gzip, and cannot be unpacked.', { cause: error });
    }
    throw error;
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

async function* limited(body: AsyncGenerator<Buffer>, bytesMax: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLarge('The body is larger than the limit', bytesMax);
    yield chunk;
  }
}

interface DeclaredDigest {
  readonly header: string;
  readonly digest: Buffer;
}

/** RFC 9530 `Content-Digest` and `Repr-Digest`, and `Digest` of RFC 3230: their SHA-256, over the body as it is sent. */
function declaredDigests(headers: IncomingMessage['headers']): DeclaredDigest[] {
  const declared: DeclaredDigest[] = [];
  for (const header of ['content-digest', 'repr-digest', 'digest']) {
    const value = headers[header];
    if (typeof value !== 'string') continue;
    const found = /(?:^|[,\s])sha-256=:?([A-Za-z0-9+/]+={0,2}):?(?=$|[,;\s])/i.exec(value)?.[1];
    if (found === undefined && !/(^|[,\s])sha-256=/i.test(value)) continue;
    const digest = Buffer.from(found ?? '', 'base64');
    if (digest.length !== 32) throw new ServiceError('bad-request', `The header ${header} has no readable sha-256.`);
    declared.push({ header, digest });
  }
  return declared;
}

function withDigest(raw: AsyncGenerator<Buffer>, declared: readonly DeclaredDigest[]): AsyncGenerator<Buffer> {
  return declared.length === 0 ? raw : digested(raw, declared, createHash('sha256'));
}

async function* digested(raw: AsyncGenerator<Buffer>, declared: readonly DeclaredDigest[], hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of raw) {
    hash.update(chunk);
    yield chunk;
  }
  const digest = hash.digest();
  for (const each of declared) {
    if (!each.digest.equals(digest)) {
      throw new ServiceError(
        'digest-mismatch',
        `The bytes have the SHA-256 ${digest.toString('hex')}, the header ${each.header} says another.`,
      );
    }
  }
}
