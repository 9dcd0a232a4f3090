import { ServiceError } from '../../core/errors.ts';
import { thenRest } from '../../core/then-rest.ts';
import type { NewInput, Storage } from '../../engine/received.ts';
import type { Service } from '../../ports/service.ts';
import { decodeBase64, isBase64Of } from './base64.ts';
import { pictureMeter } from './picture-meter.ts';
import { sniff, sniffBytes } from './sniff.ts';

/** What is stored where the bytes are of no known kind. */
const unknownType = 'application/octet-stream';

export interface ReceiveOptions {
  /** Whom the bytes are for: it decides what is taken. Null for a file that is stored for later. */
  readonly service: Service | null;
  readonly name: string | null;
  /** Whether bytes that are base64 text of a known kind of file are meant as that file. */
  readonly orBase64?: boolean;
  /** Whether no bytes at all are taken, too. */
  readonly orEmpty?: boolean;
}

/**
 * Streams bytes to storage while they are hashed, sniffed and measured. Throws `empty-file`, `unsupported-media-type` and
 * `media-limits-exceeded` as soon as that is known; nothing is stored then.
 */
export async function receiveSource(engine: Storage, body: AsyncIterable<Buffer>, options: ReceiveOptions): Promise<NewInput> {
  let opened = await openHead(body);
  try {
    if (opened.head.length === 0 && options.orEmpty !== true) throw new ServiceError('empty-file', 'The file has no bytes.');
    let found = await sniff(opened.head);
    if (found === 'text/plain' && options.orBase64 === true && (await isBase64Of(opened.head))) {
      opened = await openHead(decodeBase64(thenRest([opened.head], opened.rest)));
      found = await sniff(opened.head);
    }
    const mediaType = found ?? unknownType;
    if (options.service !== null) checkAccepted(options.service, mediaType);
    const meter = pictureMeter(mediaType);
    const measured =
      meter === null
        ? thenRest([opened.head], opened.rest)
        : passing(thenRest([opened.head], opened.rest), (chunk) => meter.write(chunk));
    // A client that goes away shows as an error of the body itself.
    const blob = await engine.receive(measured, new AbortController().signal);
    const picture = await orDiscard(engine, blob, () => meter?.end() ?? null);
    return { blob, name: options.name, mediaType, picture };
  } finally {
    await opened.rest.return?.();
  }
}

/** Throws `unsupported-media-type` where the service does not take what the bytes are. */
export function checkAccepted({ name, accepts }: Service, mediaType: string): void {
  if (accepts.includes(mediaType)) return;
  const what = mediaType === unknownType ? 'of no known kind' : mediaType;
  throw new ServiceError('unsupported-media-type', `The file is ${what}; ${name} takes ${accepts.join(', ')}.`);
}

async function orDiscard<T>(engine: Storage, blob: NewInput['blob'], step: () => T): Promise<T> {
  try {
    return step();
  } catch (error) {
    await engine.discard(blob);
    throw error;
  }
}

interface OpenedBody {
  /** The first bytes: `sniffBytes` or more, fewer only where there are no more. */
  readonly head: Buffer;
  readonly rest: AsyncIterator<Buffer>;
}

async function openHead(body: AsyncIterable<Buffer>): Promise<OpenedBody> {
  const rest = body[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let bytes = 0;
  while (bytes < sniffBytes) {
    const step = await rest.next();
    if (step.done === true) break;
    chunks.push(step.value);
    bytes += step.value.length;
  }
  const [only] = chunks;
  return { head: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks), rest };
}

async function* passing(body: AsyncIterable<Buffer>, see: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    see(chunk);
    yield chunk;
  }
}
