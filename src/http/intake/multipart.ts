import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import { fileNameOf, parseParameterHeader } from './header-parameters.ts';

const headerBytesMax = 16 * 1024;
const preambleBytesMax = 64 * 1024;
const empty = Buffer.alloc(0);

/** One part, in the order of the body. `bytes` must be read to its end before the next part is asked for. */
export interface Part {
  readonly name: string;
  /** As the client wrote it; undefined for a plain field. */
  readonly fileName: string | undefined;
  readonly transferEncoding: string;
  readonly bytes: AsyncGenerator<Buffer>;
}

/** The boundary of a `multipart/form-data` header; throws `malformed-multipart` where there is none. */
export function boundaryOf(contentType: string): string {
  const boundary = parseParameterHeader(contentType)?.parameters.get('boundary');
  if (boundary === undefined || boundary === '' || boundary.length > 70)
    throw malformed('The Content-Type has no boundary parameter');
  return boundary;
}

/**
 * The parts of a `multipart/form-data` body (RFC 7578) as they come in, each with its bytes as a stream: pulled, so that a
 * reader who is slow slows the client. `@fastify/busboy` would give events; it cuts off part headers that are too long and
 * passes over parts that it cannot read, where this throws `malformed-multipart`, or `too-many-parts`.
 */
export async function* readMultipart(body: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<Part> {
  const reader = new MultipartReader(body[Symbol.asyncIterator](), boundary);
  let fields = 0;
  let files = 0;
  try {
    await reader.skipPreamble();
    while (await reader.atPart()) {
      const part = await reader.part();
      if (part.fileName === undefined) fields += 1;
      else files += 1;
      if (fields > limits.multipartFieldsMax || files > limits.multipartFilesMax) {
        throw new ServiceError(
          'too-many-parts',
          `A body may have ${limits.multipartFieldsMax} fields and ${limits.multipartFilesMax} files.`,
        );
      }
      yield part;
      for await (const _ of part.bytes) {
        // Whatever the taker of the part did not read.
      }
    }
    await reader.skipRest();
  } finally {
    await reader.stop();
  }
}

/** The text of a small part; throws `payload-too-large` for a longer one and `malformed-multipart` where it is not UTF-8. */
export async function partText(part: Part): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of part.bytes) {
    bytes += chunk.length;
    if (bytes > limits.multipartFieldBytesMax) {
      throw new ServiceError(
        'payload-too-large',
        `The field "${part.name}" is longer than ${limits.multipartFieldBytesMax} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw malformed(`The field "${part.name}" is not UTF-8`, cause);
  }
}

class MultipartReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #delimiter: Buffer;
  /** What has come in and was not used yet. A line break is put before the body, so that the first delimiter looks like all others. */
  #held: Buffer = Buffer.from('\r\n');

  constructor(chunks: AsyncIterator<Buffer>, boundary: string) {
    this.#chunks = chunks;
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  async skipPreamble(): Promise<void> {
    let skipped = 0;
    for await (const chunk of this.#untilDelimiter()) {
      skipped += chunk.length;
      if (skipped > preambleBytesMax) throw malformed('It does not begin with its boundary');
    }
  }

  /** Behind a delimiter: whether a part follows it (else it was the closing one). */
  async atPart(): Promise<boolean> {
    while (this.#held.length < 2) await this.#more();
    if (this.#held.toString('latin1', 0, 2) === '--') return false;
    // Transport padding: white space that gateways may put at the end of the line.
    for (let at = 0; at < 64; at += 1) {
      while (this.#held.length < at + 2) await this.#more();
      if (this.#held.readUInt16BE(at) === 0x0d0a) {
        this.#held = this.#held.subarray(at + 2);
        return true;
      }
      if (this.#held[at] !== 0x20 && this.#held[at] !== 0x09) break;
    }
    throw malformed('There is something behind a boundary');
  }

  async part(): Promise<Part> {
    const headers = parsePartHeaders(await this.#headerText());
    const disposition = parseParameterHeader(headers.get('content-disposition') ?? '');
    const name = disposition?.parameters.get('name');
    if (disposition?.value !== 'form-data' || name === undefined)
      throw malformed('A part does not say its name in Content-Disposition');
    return {
      name,
      fileName: fileNameOf(disposition),
      transferEncoding: headers.get('content-transfer-encoding')?.toLowerCase() ?? 'binary',
      bytes: this.#untilDelimiter(),
    };
  }

  async skipRest(): Promise<void> {
    this.#held = empty;
    while ((await this.#chunks.next()).done !== true) {
      // The epilogue has no meaning, but it must be read for the connection to live on.
    }
  }

  async stop(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** The lines before the empty line, each with its line break. */
  async #headerText(): Promise<string> {
    for (;;) {
      if (this.#held.length >= 2 && this.#held.readUInt16BE(0) === 0x0d0a) throw malformed('A part has no headers');
      const end = this.#held.indexOf('\r\n\r\n');
      if (end > headerBytesMax || (end === -1 && this.#held.length > headerBytesMax)) {
        throw malformed(`The headers of a part are longer than ${headerBytesMax} bytes`);
      }
      if (end !== -1) {
        const text = this.#held.toString('utf8', 0, end);
        this.#held = this.#held.subarray(end + 4);
        return text;
      }
      await this.#more();
    }
  }

  /** Everything up to the next delimiter, which is taken away. */
  async *#untilDelimiter(): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(this.#delimiter);
      if (at !== -1) {
        const last = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + this.#delimiter.length);
        if (last.length > 0) yield last;
        return;
      }
      // The end may be the beginning of a delimiter.
      const safe = this.#held.length - this.#delimiter.length + 1;
      if (safe > 0) {
        const chunk = this.#held.subarray(0, safe);
        this.#held = this.#held.subarray(safe);
        yield chunk;
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const step = await this.#chunks.next();
    if (step.done === true) throw malformed('It ends before its closing boundary');
    this.#held = this.#held.length === 0 ? step.value : Buffer.concat([this.#held, step.value]);
  }
}

function parsePartHeaders(text: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const match = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    const name = match?.[1]?.toLowerCase();
    if (name === undefined || headers.has(name)) throw malformed('A part has a header that cannot be read');
    headers.set(name, match?.[2] ?? '');
  }
  return headers;
}

function malformed(why: string, cause?: unknown): ServiceError {
  return new ServiceError('malformed-multipart', `The multipart body cannot be read. ${why}.`, { cause });
}
