import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Clock } from '../../core/clock.ts';
import { durationPattern, parseDuration } from '../../core/durations.ts';
import { jobStates } from '../../core/job.ts';
import { limits } from '../../core/limits.ts';
import type { Engine } from '../../engine/engine.ts';
import { jsonAnswer } from '../answer.ts';
import { postOnce } from '../idempotency.ts';
import { readNothing } from '../intake/read-nothing.ts';
import { jobJson, notYetKnown } from '../job-view.ts';
import {
  bare,
  emptyBody,
  header,
  idempotencyHeader,
  idParams,
  json,
  maybeHeader,
  path,
  ref,
  seconds,
} from '../openapi-schemas.ts';
import { callerOf } from '../request-context.ts';
import { invalidFields } from '../validation.ts';
import type { WaitSignals } from '../wait-signals.ts';
import { listJobs } from './list-jobs.ts';
import { type IdParams, pathId } from './path-id.ts';

export interface JobRouteParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly waits: WaitSignals;
}

const tags = ['jobs'];
const contentType = 'application/json; charset=utf-8';

const JobQuery = Type.Object(
  {
    wait: Type.Optional(
      Type.String({ pattern: durationPattern, description: 'Answer when the state changes, or after this time (at most 60s).' }),
    ),
  },
  { additionalProperties: false },
);

const ListQuery = Type.Object(
  {
    service: Type.Optional(Type.String({ maxLength: 100 })),
    state: Type.Optional(Type.Enum([...jobStates])),
    createdAfter: Type.Optional(
      Type.String({ maxLength: 64, format: 'date-time', description: 'Created at this time (RFC 3339) or later.' }),
    ),
    createdBefore: Type.Optional(
      Type.String({ maxLength: 64, format: 'date-time', description: 'Created before this time (RFC 3339).' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.pageMax, default: limits.pageDefault })),
    cursor: Type.Optional(Type.String()),
  },
  { patternProperties: { '^label\\..+$': { type: 'string', maxLength: limits.labelCharsMax } }, additionalProperties: false },
);

/** Jobs as they stand: reading, listing, canceling, retrying, deleting. */
export function jobRoutes(parts: JobRouteParts): (app: FastifyInstance) => void {
  const { engine, waits } = parts;
  return (app) => {
    app.get<IdParams & { Querystring: { wait?: string } }>(
      '/v1/jobs/:id',
      {
        schema: {
          operationId: 'getJob',
          summary: 'The job, whatever its state',
          tags,
          params: idParams,
          querystring: JobQuery,
          response: { 200: json('The job.', ref('Job')) },
        },
      },
      async (request, reply) => {
        const id = pathId(request.params, 'job');
        const caller = callerOf(request);
        const { wait } = request.query;
        const job =
          wait === undefined
            ? await engine.job(caller, id)
            : await waits.during(reply.raw, (signal) => engine.waitForChange(caller, id, waitMs(wait), signal));
        const waiting = job.state === 'queued' ? await engine.waiting(job) : notYetKnown;
        const partial = job.state === 'failed' ? await engine.partialResult(job) : null;
        return reply.header('content-type', contentType).send(jobJson(job, waiting, partial ?? undefined));
      },
    );

    app.get(
      '/v1/jobs',
      {
        config: { problems: ['invalid-cursor'] },
        schema: {
          operationId: 'listJobs',
          summary: 'Jobs, newest first',
          description: 'Filters: `service`, `state`, `createdAfter`, `createdBefore`, and `label.KEY` for any label.',
          tags,
          querystring: ListQuery,
          response: { 200: json('One page.', ref('JobPage'), { Link: maybeHeader('RFC 8288, `rel="next"`: the next page.') }) },
        },
      },
      (request, reply) => listJobs(engine, request, reply),
    );

    app.post<IdParams>(
      '/v1/jobs/:id/cancel',
      {
        config: { problems: ['job-not-cancellable'], bodyOptional: true },
        schema: {
          operationId: 'cancelJob',
          summary: 'Cancel a queued or running job',
          tags,
          params: idParams,
          headers: idempotencyHeader,
          body: emptyBody,
          response: { 200: json('The canceled job.', ref('Job')) },
        },
      },
      (request, reply) => {
        const id = pathId(request.params, 'job');
        return postOnce(parts, request, reply, {
          read: () => readNothing(parts, request),
          describe: () => null,
          act: async () => jsonAnswer(200, jobJson(await engine.cancel(callerOf(request), id), notYetKnown)),
        });
      },
    );

    app.post<IdParams>(
      '/v1/jobs/:id/retry',
      {
        config: { problems: ['job-not-retryable', 'input-expired', 'queue-full', 'quota-exceeded'], bodyOptional: true },
        schema: {
          operationId: 'retryJob',
          summary: 'Run a failed or canceled job again',
          tags,
          params: idParams,
          headers: idempotencyHeader,
          body: emptyBody,
          response: { 202: json('The job, queued again.', ref('Job'), acceptedHeaders) },
        },
      },
      (request, reply) => {
        const id = pathId(request.params, 'job');
        return postOnce(parts, request, reply, {
          read: () => readNothing(parts, request),
          describe: () => null,
          act: async (_, keep) => {
            const job = await engine.retry(
              callerOf(request),
              id,
              keep === null ? undefined : (next) => keep.record(acceptedAnswer(next)),
            );
            return acceptedAnswer(job);
          },
        });
      },
    );

    app.delete<IdParams>(
      '/v1/jobs/:id',
      {
        schema: {
          operationId: 'deleteJob',
          summary: 'Remove a job with its history, inputs and outputs; an active one is canceled first',
          tags,
          params: idParams,
          response: { 204: bare('It is gone.') },
        },
      },
      async (request, reply) => {
        await engine.remove(callerOf(request), pathId(request.params, 'job'));
        return reply.code(204).send();
      },
    );
  };
}

export const acceptedHeaders = {
  Location: header('Where to poll.', path),
  'Content-Location': header('The job.', path),
  'Retry-After': header('Seconds.', seconds),
};

/** 202 with a job: where to poll, what the body is, and when to come back. */
export function acceptedAnswer(job: Parameters<typeof jobJson>[0]): ReturnType<typeof jsonAnswer> {
  return jsonAnswer(202, jobJson(job, notYetKnown), {
    location: `/v1/queue/${job.id}`,
    'content-location': `/v1/jobs/${job.id}`,
    'retry-after': '1',
  });
}

function waitMs(wait: string): number {
  const ms = parseDuration(wait);
  if (ms === null) throw invalidFields([{ pointer: '#/wait', detail: 'is no duration such as 30s' }]);
  return Math.min(ms, limits.waitSecondsMax * 1000);
}
