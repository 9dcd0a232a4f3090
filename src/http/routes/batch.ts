import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceError } from '../../core/errors.ts';
import type { StoredFile } from '../../core/job.ts';
import type { Json } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { timeSlices } from '../../core/time-slices.ts';
import type { Engine, SubmitRequest, SubmitResult } from '../../engine/engine.ts';
import type { Answer } from '../../ports/job-store.ts';
import type { Service } from '../../ports/service.ts';
import { jsonAnswer } from '../answer.ts';
import { type Keep, postOnce } from '../idempotency.ts';
import { type Batch, readBatch } from '../intake/read-batch.ts';
import { type IntakeParts, readJobDocument } from '../intake/read-job-request.ts';
import { createServiceIntake, isObject, type ServiceIntake } from '../intake/submission.ts';
import { idempotencyHeader, json, ref } from '../openapi-schemas.ts';
import { problemOf } from '../problem.ts';
import { callerOf, pathOf } from '../request-context.ts';
import { createTurns } from '../turns.ts';
import { invalidFields } from '../validation.ts';
import { submissionOf } from './submit.ts';

/** So many jobs are read at once: the bytes of base64 sources wait for the disk. */
const atOnceMax = 16;

type Entry = SubmitRequest | ServiceError;

/** `POST /v1/jobs`: many jobs in one call, durable together; what is wrong with one of them does not hold up the others. */
export function batchRoute(parts: IntakeParts): (app: FastifyInstance) => void {
  const intakeOf = intakes(parts.engine.services);
  // While the store writes the jobs of one call, the next call is read; read side by side, both would be late.
  const turns = createTurns();
  let underWay = 0;
  return (app) => {
    app.post('/v1/jobs', { schema: batchSchema, config: { problems: ['queue-full', 'quota-exceeded'] } }, (request, reply) =>
      postOnce(parts, request, reply, {
        admit: () => parts.engine.admits(callerOf(request), null),
        read: () => readBatch(parts, request),
        describe: ({ digest }) => digest,
        async act(batch, keep) {
          if (underWay >= limits.batchesUnderWayMax) throw tooManyBatches();
          underWay += 1;
          try {
            const endTurn = await turns();
            return await submitBatch(parts, { intakeOf, endTurn }, request, batch, keep).finally(endTurn);
          } finally {
            underWay -= 1;
          }
        },
      }),
    );
  };
}

function tooManyBatches(): ServiceError {
  return new ServiceError('overloaded', `${limits.batchesUnderWayMax} calls of many jobs are being stored, which is the limit.`, {
    retryAfterSeconds: 1,
  });
}

async function submitBatch(
  parts: IntakeParts,
  { intakeOf, endTurn }: { intakeOf: (service: Json | undefined) => ServiceIntake; endTurn: () => void },
  request: FastifyRequest,
  { members }: Batch,
  keep: Keep | null,
): Promise<Answer> {
  const found = { ...parts, engine: rememberingFiles(parts.engine) };
  const entries: Entry[] = [];
  let results: readonly SubmitResult[] = [];
  try {
    const slices = timeSlices();
    for (let at = 0; at < members.length; at += atOnceMax) {
      const group = members
        .slice(at, at + atOnceMax)
        .map((member, index) => readEntry(found, intakeOf, request, member, at + index));
      for (const outcome of await Promise.allSettled(group)) {
        if (outcome.status === 'rejected') throw outcome.reason;
        entries.push(outcome.value);
      }
      await slices.pause();
    }
    const answer = keep === null ? {} : { answer: (all: readonly SubmitResult[]) => keep.record(batchAnswer(request, all)) };
    results = await parts.engine.submitTogether({ traceId: request.traceId, requests: entries, onPrepared: endTurn, ...answer });
    return batchAnswer(request, results);
  } finally {
    await discardUnused(parts, entries, results);
  }
}

/** Many jobs of a call may work on the same file: it is looked for once. The commit looks again. */
function rememberingFiles(engine: Engine): Engine {
  const files = new Map<string, Promise<StoredFile>>();
  const file: Engine['file'] = (caller, id) => {
    const known = files.get(id) ?? engine.file(caller, id);
    files.set(id, known);
    return known;
  };
  return { ...engine, file };
}

/** One job as it is to be submitted, its bytes stored, or what is wrong with it. Rejects for what is wrong with the server. */
async function readEntry(
  parts: IntakeParts,
  intakeOf: (service: Json | undefined) => ServiceIntake,
  request: FastifyRequest,
  member: Json,
  index: number,
): Promise<Entry> {
  try {
    if (!isObject(member)) throw invalidFields([{ pointer: '#', detail: 'must be object' }]);
    const { service, ...document } = member;
    const intake = intakeOf(service);
    const asked = await readJobDocument(parts, intake, document);
    try {
      return await submissionOf(parts, intake.service, request, asked);
    } catch (error) {
      if (asked.source !== null && 'input' in asked.source) await parts.engine.discard(asked.source.input.blob);
      throw error;
    }
  } catch (error) {
    if (!(error instanceof ServiceError) || error.kind.status >= 500) throw error;
    return inPlace(error, index);
  }
}

/** Fields are named as they stand in the document of the call. */
function inPlace(error: ServiceError, index: number): ServiceError {
  if (error.code !== 'validation-error' || error.fields.length === 0) return error;
  return invalidFields(error.fields.map(({ pointer, detail }) => ({ pointer: `#/jobs/${index}${pointer.slice(1)}`, detail })));
}

function intakes(services: ReadonlyMap<string, Service>): (service: Json | undefined) => ServiceIntake {
  const known = new Map<string, ServiceIntake>();
  return (name) => {
    const found = typeof name === 'string' ? (known.get(name) ?? services.get(name)) : undefined;
    if (found === undefined) throw invalidFields([{ pointer: '#/service', detail: unknownService(name, [...services.keys()]) }]);
    if ('service' in found) return found;
    const intake = createServiceIntake(found);
    known.set(found.name, intake);
    return intake;
  };
}

function unknownService(name: Json | undefined, names: readonly string[]): string {
  if (name === undefined) return 'is required';
  if (typeof name !== 'string') return 'must be string';
  const near = nearestName(name.slice(0, 100), names);
  return `is not an installed service${near === null ? '' : `; did you mean ${near}?`}`;
}

/** The bytes of entries that became no job. */
async function discardUnused(
  { engine }: IntakeParts,
  entries: readonly Entry[],
  results: readonly SubmitResult[],
): Promise<void> {
  for (const [index, entry] of entries.entries()) {
    if (entry instanceof ServiceError || entry.source === null || !('input' in entry.source)) continue;
    const result = results[index];
    if (result === undefined || result instanceof ServiceError) await engine.discard(entry.source.input.blob);
  }
}

function batchAnswer(request: FastifyRequest, results: readonly SubmitResult[]): Answer {
  const items = results.map((result) =>
    result instanceof ServiceError
      ? `{"problem":${JSON.stringify(problemOf(result, pathOf(request), request.traceId))}}`
      : `{"id":"${result.id}"}`,
  );
  return jsonAnswer(202, `{"items":[${items.join(',')}]}`);
}

const batchSchema = {
  operationId: 'submitJobs',
  summary: 'Hand in many jobs in one call',
  description: `Up to ${limits.batchMax} jobs. Each is accepted or refused alone; the accepted ones are durable when the answer comes.`,
  tags: ['jobs'],
  headers: idempotencyHeader,
  body: { content: { 'application/json': { schema: ref('BatchRequest') } } },
  response: {
    202: json('In the order of the request: the id of the job, or why there is none.', ref('BatchAnswer')),
  },
};
