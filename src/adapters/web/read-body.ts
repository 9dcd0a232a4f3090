import { pipeline, Readable, Transform } from 'node:stream';
import zlib, { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { formatBytes } from '../../core/byte-sizes.ts';
import { ServiceError } from '../../core/errors.ts';
import { fetchFailure } from './fetch-failure.ts';
import type { OpenAnswer } from './send-request.ts';
import type { FetchTimes, TimeLimits } from './time-limits.ts';

type Decoder = () => Transform;

/** How an answer is compressed: one way at most, undefined where it is not. Throws `source-fetch-failed` where it is not known here. */
export function codingOf(contentEncoding: string | undefined): string | undefined {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length <= 1 && codings.every((coding) => Object.hasOwn(decoders, coding) || coding === 'deflate'))
    return codings[0];
  throw new ServiceError('source-fetch-failed', 'The server of the link compresses the file in a way that is not known here.', {
    retryable: false,
  });
}

/**
 * The bytes of an answer: decompressed, at most `bytesMax` of them, and only as long as they come fast enough. Ends in
 * `source-too-large`, `source-timeout`, `source-fetch-failed` or the reason of the signal; the connection is closed in any case.
 */
export async function* readBody(
  answer: OpenAnswer,
  coding: string | undefined,
  limits: TimeLimits,
  { times, bytesMax }: { readonly times: FetchTimes; readonly bytesMax: number },
): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    const arriving = arrivingBytes(answer, limits, times, bytesMax);
    for await (const chunk of coding === undefined ? arriving : decoded(arriving, coding)) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw tooLarge(bytesMax);
      yield chunk;
    }
    // More bytes than were declared, or another answer behind this one.
    if (answer.failure() !== null) throw answer.failure();
  } catch (error) {
    throw limits.signal.aborted ? limits.signal.reason : fetchFailure(error);
  } finally {
    answer.close();
    limits.end();
  }
}

export function tooLarge(bytesMax: number): ServiceError {
  return new ServiceError('source-too-large', `What the link gives is larger than ${formatBytes(bytesMax)}, which is the limit.`);
}

/** What comes from the network, watched: the pauses between the pieces, and their rate while nobody but the server is waited for. */
async function* arrivingBytes(
  { response }: OpenAnswer,
  limits: TimeLimits,
  { idleMs, stretchMs, stretchBytesMin }: FetchTimes,
  bytesMax: number,
): AsyncGenerator<Buffer> {
  const pieces = response[Symbol.asyncIterator]();
  let all = 0;
  let waitedMs = 0;
  let bytes = 0;
  for (;;) {
    const since = limits.now();
    const clearTimer = limits.begin(idleMs, 'The server of the link stopped sending for longer than it may');
    const step = await limits.orStopped<IteratorResult<unknown>>(pieces.next()).finally(clearTimer);
    if (step.done === true) return;
    if (!Buffer.isBuffer(step.value)) throw new Error('the body does not come in bytes');
    waitedMs += limits.now() - since;
    yield step.value;
    all += step.value.length;
    bytes += step.value.length;
    // Compressed bytes can go on for ever without saying anything.
    if (all > bytesMax + slackBytes) throw tooLarge(bytesMax);
    if (waitedMs < stretchMs) continue;
    if (bytes < stretchBytesMin)
      throw new ServiceError(
        'source-timeout',
        `The server of the link sends less than ${formatBytes(stretchBytesMin)} in ${stretchMs / 1000} seconds.`,
      );
    waitedMs = 0;
    bytes = 0;
  }
}

/** What a compressed file may have beyond its own bytes. */
const slackBytes = 1024 ** 2;

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
  ...zstd(),
};

/** Newer versions of Node have it. */
function zstd(): Record<string, Decoder> {
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  if (typeof create !== 'function') return {};
  return {
    zstd() {
      const made: unknown = create();
      if (made instanceof Transform) return made;
      throw new Error('Node has no decoder for zstd');
    },
  };
}

async function* decoded(arriving: AsyncGenerator<Buffer>, coding: string): AsyncGenerator<Buffer> {
  const first = await arriving.next();
  // An empty body needs no decoding, and decoders take it for a broken one.
  if (first.done === true) return;
  const decoder = coding === 'deflate' ? deflateDecoder(first.value) : decoders[coding]?.();
  if (decoder === undefined) throw new Error(`no decoder for ${coding}`);
  // An error of either comes out of the decoder, which is what is read.
  pipeline(Readable.from(joined(first.value, arriving), { objectMode: false }), decoder, () => undefined);
  for await (const chunk of decoder) if (Buffer.isBuffer(chunk)) yield chunk;
}

/** `deflate` means zlib (RFC 9110); some servers send it without its header, which begins with the method 8. */
function deflateDecoder(head: Buffer): Transform {
  return ((head[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
}

async function* joined(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
