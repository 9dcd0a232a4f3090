import type { FastifyRequest } from 'fastify';
import { limits } from '../../core/limits.ts';
import type { NewInput } from '../../engine/received.ts';
import { invalidFields, refuseUnknown } from '../validation.ts';
import { checkRoom } from './check-room.ts';
import { cleanFileName } from './file-name.ts';
import { readForm } from './read-form.ts';
import { contentTypeOf, dispositionName, type IntakeParts } from './read-job-request.ts';
import { receiveSource } from './receive-source.ts';
import { requestBody } from './request-body.ts';
import { queryFields } from './submission.ts';

/** Reads a file that is to be stored for later: its bytes as the whole body, or as the part `file` of a form. They are kept as they are. */
export async function readUpload(parts: IntakeParts, request: FastifyRequest): Promise<NewInput> {
  const { engine, clock, uploadBytesMax, held } = parts;
  await checkRoom(engine, request);
  const query = queryFields(request.query);
  refuseUnknown(Object.fromEntries(query), ['name']);
  const given = query.get('name')?.[0];
  const receive = (bytes: AsyncIterable<Buffer>, name: string | null) => receiveSource(engine, bytes, { service: null, name });
  if (contentTypeOf(request) !== 'multipart/form-data') {
    const name = given === undefined ? dispositionName(request) : cleanFileName(given, '#/name');
    return receive(requestBody(request.raw, clock, uploadBytesMax), name);
  }
  const discard = ({ blob }: NewInput) => engine.discard(blob);
  const body = requestBody(request.raw, clock, uploadBytesMax + limits.jsonBytesMax);
  const { input, document, fields } = await readForm(body, request.headers['content-type'] ?? '', receive, discard, held);
  try {
    refuseUnknown({ ...document, ...Object.fromEntries([...fields.keys()].map((name) => [name, true])) }, []);
    if (input === null) throw invalidFields([{ pointer: '#/file', detail: 'is required' }]);
    return input;
  } catch (error) {
    if (input !== null) await discard(input);
    throw error;
  }
}
