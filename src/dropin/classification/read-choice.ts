import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import { thenRest } from '../../core/then-rest.ts';
import type { Engine } from '../../engine/engine.ts';
import type { NewInput } from '../../engine/received.ts';
import type { DropInRequest } from '../../http/drop-in.ts';
import { readForm } from '../../http/intake/read-form.ts';
import { receiveSource } from '../../http/intake/receive-source.ts';
import { utf8Text } from '../../http/intake/strict-json.ts';
import type { Service } from '../../ports/service.ts';

/** The form as it came in: its fields, and the upload if there is one, stored already. */
export interface Choice {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly input: NewInput | null;
}

export interface ReadChoiceParts {
  readonly engine: Engine;
  readonly service: Service;
  readonly uploadBytesMax: number;
}

/** A form as browsers encode one without files. */
const plainBytesMax = 64 * 1024;

/** Reads the form, encoded either way. An `input` must be used or discarded. */
export function readChoice(parts: ReadChoiceParts, request: DropInRequest): Promise<Choice> {
  const contentType = request.headers['content-type'] ?? '';
  switch (contentType.split(';', 1)[0]?.trim().toLowerCase()) {
    case 'application/x-www-form-urlencoded':
      return request.held.during(request.body(plainBytesMax), (bytes) => ({ fields: plainFields(utf8Text(bytes)), input: null }));
    case 'multipart/form-data':
      return readMultipart(parts, request, contentType);
    default:
      throw new ServiceError('unsupported-media-type', 'Send a form: application/x-www-form-urlencoded or multipart/form-data.');
  }
}

function plainFields(text: string): Map<string, string[]> {
  const parameters = new URLSearchParams(text);
  return new Map([...parameters.keys()].map((name) => [name, parameters.getAll(name)]));
}

async function readMultipart(
  { engine, service, uploadBytesMax }: ReadChoiceParts,
  { body, held }: DropInRequest,
  contentType: string,
): Promise<Choice> {
  return readForm(
    body(uploadBytesMax + limits.jsonBytesMax),
    contentType,
    async (bytes, name) => {
      const chunks = bytes[Symbol.asyncIterator]();
      const first = await chunks.next();
      // So browsers send a field for a file where none was chosen.
      if (first.done === true && name === null) return null;
      return receiveSource(engine, thenRest(first.done === true ? [] : [first.value], chunks), { service, name });
    },
    (input) => engine.discard(input.blob),
    held,
  );
}
