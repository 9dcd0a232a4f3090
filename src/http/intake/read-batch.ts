import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../core/errors.ts';
import { canonicalJson, type Json } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { timeSlices } from '../../core/time-slices.ts';
import { checkRoom } from './check-room.ts';
import { parseJsonList } from './json-list.ts';
import { contentTypeOf, type IntakeParts, refuseQuery } from './read-job-request.ts';
import { requestBody } from './request-body.ts';
import { utf8Text } from './strict-json.ts';

/** The members of a list in a JSON body, parsed and not yet looked at. */
export interface Batch {
  readonly members: readonly Json[];
  /** Equal for equal lists, however they were written. */
  readonly digest: string;
}

/** Reads a body `{"jobs":[…]}` with at most `limits.batchMax` members. Throws for a body that is no such document. */
export async function readBatch(
  { engine, clock, held }: Pick<IntakeParts, 'engine' | 'clock' | 'held'>,
  request: FastifyRequest,
): Promise<Batch> {
  refuseQuery(request);
  if (contentTypeOf(request) !== 'application/json')
    throw new ServiceError('unsupported-media-type', 'Jobs are handed in together as application/json.');
  await checkRoom(engine, request);
  const body = requestBody(request.raw, clock, limits.jsonBytesMax);
  const members = await held.during(body, (bytes) => parseJsonList(utf8Text(bytes), 'jobs', limits.batchMax));
  // The digest is what an idempotency key is compared by.
  return { members, digest: request.headers['idempotency-key'] === undefined ? '' : await digestOf(members) };
}

async function digestOf(members: readonly Json[]): Promise<string> {
  const slices = timeSlices();
  const hash = createHash('sha256');
  for (const member of members) {
    hash.update(canonicalJson(member)).update('\n');
    await slices.pause();
  }
  return hash.digest('hex');
}
