import { ServiceError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { NewInput } from '../../engine/received.ts';
import { invalidFields } from '../validation.ts';
import { decodeBase64 } from './base64.ts';
import { cleanFileName } from './file-name.ts';
import type { HeldBodies } from './held-bodies.ts';
import { boundaryOf, type Part, partText, readMultipart } from './multipart.ts';
import { parseStrictJsonText } from './strict-json.ts';
import { isObject } from './submission.ts';

/** A form: the file as stored, the JSON of the part `request`, and all other fields as text. */
export interface Form {
  readonly input: NewInput | null;
  readonly document: JsonObject;
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

/** Null for a field that is there and has no file in it. */
type Receive = (bytes: AsyncIterable<Buffer>, name: string | null) => Promise<NewInput | null>;

/**
 * Reads a form whose part `file` is streamed to `receive` as it comes; the fields may stand before or behind it. A form that
 * is wrong in itself is read to its end all the same, so that a body that cannot be read is told from one that says too much.
 */
export async function readForm(
  body: AsyncIterable<Buffer>,
  contentType: string,
  receive: Receive,
  discard: (input: NewInput) => Promise<void>,
  held: HeldBodies,
): Promise<Form> {
  const share = held.share();
  let textBytes = 0;
  const textOf = async (part: Part) => {
    const text = await partText(part);
    share.take(text.length);
    textBytes += text.length;
    if (textBytes <= limits.jsonBytesMax) return text;
    throw new ServiceError('payload-too-large', `The fields of a form may have ${limits.jsonBytesMax} bytes together.`);
  };
  let input: NewInput | null = null;
  let document: JsonObject | null = null;
  let refusal: ServiceError | null = null;
  const fields = new Map<string, string[]>();
  try {
    for await (const part of readMultipart(body, boundaryOf(contentType))) {
      if (refusal !== null) continue;
      if (part.name === 'file') {
        if (input !== null) refusal = invalidFields([{ pointer: '#/file', detail: 'is given more than once' }]);
        else input = await receive(plainBytes(part), cleanFileName(part.fileName, '#/file'));
      } else if (part.name === 'request') {
        if (document !== null) refusal = invalidFields([{ pointer: '#/request', detail: 'is given more than once' }]);
        else document = requestDocument(await textOf(part));
      } else if (part.fileName !== undefined) {
        refusal = invalidFields([
          { pointer: `#/${part.name.slice(0, 100)}`, detail: 'is a file, and only the part "file" may be one' },
        ]);
      } else {
        fields.set(part.name, [...(fields.get(part.name) ?? []), await textOf(part)]);
      }
    }
    if (refusal !== null) throw refusal;
    return { input, document: document ?? {}, fields };
  } catch (error) {
    if (input !== null) await discard(input);
    throw error;
  } finally {
    share.end();
  }
}

function requestDocument(text: string): JsonObject {
  const value = parseStrictJsonText(text);
  if (!isObject(value)) throw invalidFields([{ pointer: '#', detail: 'must be object' }]);
  return value;
}

/** RFC 7578 has no transfer encodings any more; old mail-minded clients still send base64. */
function plainBytes(part: Part): AsyncIterable<Buffer> {
  if (part.transferEncoding === 'base64') return decodeBase64(part.bytes);
  if (['binary', '8bit', '7bit'].includes(part.transferEncoding)) return part.bytes;
  throw new ServiceError(
    'malformed-multipart',
    `The part "${part.name.slice(0, limits.fileNameCharsMax)}" has an unknown Content-Transfer-Encoding.`,
  );
}
