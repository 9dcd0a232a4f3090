import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import { invalidFields } from '../validation.ts';
import { requestBody, wholeBody } from './request-body.ts';
import { parseStrictJson } from './strict-json.ts';
import { isObject } from './submission.ts';

/** Such a body means nothing, so that a large one is a mistake. */
const emptyBytesMax = 1024;

/** Reads a body that has nothing to say: none, or an empty JSON object. Throws `validation-error` for any other. */
export async function readNothing({ clock }: { clock: Clock }, request: FastifyRequest): Promise<null> {
  const body = await wholeBody(requestBody(request.raw, clock, emptyBytesMax));
  if (body.length === 0) return null;
  const value = parseStrictJson(body);
  if (!isObject(value) || Object.keys(value).length > 0) throw invalidFields([{ pointer: '#', detail: 'must be empty' }]);
  return null;
}
