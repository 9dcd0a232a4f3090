import type { FastifyInstance } from 'fastify';
import type { Engine } from '../../engine/engine.ts';
import { jobJson, notYetKnown } from '../job-view.ts';
import { bare, header, idParams, json, maybeHeader, path, ref, seconds } from '../openapi-schemas.ts';
import { callerOf } from '../request-context.ts';
import { type IdParams, pathId } from './path-id.ts';

const pollSeconds = '1';

/** `GET /v1/queue/{id}`: the status monitor, which sends on to the result once it is there, and `GET /v1/jobs/{id}/result`. */
export function queueMonitorRoutes({ engine }: { engine: Engine }): (app: FastifyInstance) => void {
  return (app) => {
    app.get<IdParams>(
      '/v1/queue/:id',
      {
        schema: {
          operationId: 'pollJob',
          summary: 'Poll a job: 303 to its result once it has succeeded',
          tags: ['jobs'],
          params: idParams,
          response: {
            200: json('The job is queued or running, or has failed or was canceled.', ref('Job'), {
              'Retry-After': maybeHeader('Seconds; while it is active.', seconds),
            }),
            303: bare('The job succeeded.', { Location: header('The result.', path) }),
          },
        },
      },
      async (request, reply) => {
        const job = await engine.job(callerOf(request), pathId(request.params, 'job'));
        if (job.state === 'succeeded') return reply.code(303).header('location', `/v1/jobs/${job.id}/result`).send();
        const active = job.state === 'queued' || job.state === 'running';
        if (active) reply.header('retry-after', pollSeconds);
        const waiting = job.state === 'queued' ? await engine.waiting(job) : notYetKnown;
        return reply.header('content-type', 'application/json; charset=utf-8').send(jobJson(job, waiting));
      },
    );

    app.get<IdParams>(
      '/v1/jobs/:id/result',
      {
        config: { problems: ['job-not-finished', 'job-failed', 'job-canceled', 'result-expired'] },
        schema: {
          operationId: 'getResult',
          summary: 'The result of a succeeded job, as its service describes it',
          tags: ['jobs'],
          params: idParams,
          response: { 200: json('The result.', { type: 'object' }) },
        },
      },
      async (request, reply) => {
        const result = await engine.result(callerOf(request), pathId(request.params, 'job'));
        return reply.header('content-type', 'application/json; charset=utf-8').send(result);
      },
    );
  };
}
