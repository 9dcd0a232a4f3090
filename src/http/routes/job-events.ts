import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Clock } from '../../core/clock.ts';
import type { JobEvent } from '../../core/events.ts';
import { hasEnded } from '../../core/job.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Log } from '../../ports/log.ts';
import { negotiate } from '../accept.ts';
import { eventPosition } from '../cursor.ts';
import { eventView } from '../event-view.ts';
import { bare, idParams, maybeHeader, ref } from '../openapi-schemas.ts';
import { callerOf } from '../request-context.ts';
import { followJob } from '../sse.ts';
import type { WaitSignals } from '../wait-signals.ts';
import { type IdParams, pathId } from './path-id.ts';

export interface JobEventRouteParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly waits: WaitSignals;
  readonly log: Log;
}

const types = ['application/json', 'text/event-stream'];
const Query = Type.Object({ after: Type.Optional(Type.String({ maxLength: 200 })) }, { additionalProperties: false });

/** `GET /v1/jobs/{id}/events`: the history as JSON, or as a stream that goes on until the job has ended. */
export function jobEventRoutes({ engine, clock, waits, log }: JobEventRouteParts): (app: FastifyInstance) => void {
  return (app) => {
    app.get<IdParams & { Querystring: { after?: string } }>(
      '/v1/jobs/:id/events',
      {
        config: { produces: types, problems: ['invalid-cursor'] },
        schema: {
          operationId: 'jobEvents',
          summary: 'The history of a job, and what happens to it from now on',
          description:
            'As `text/event-stream` the history comes first, then live events until the job has ended; then the stream closes. It is resumed behind `Last-Event-ID` (or `?after=`); where an ended job has nothing more to tell, the answer is 204, upon which an EventSource stops. `job.progress` events are live only and have no id.',
          tags: ['jobs'],
          params: idParams,
          querystring: Query,
          headers: { type: 'object', properties: { 'last-event-id': { type: 'string' } } },
          response: {
            200: {
              description: 'The events.',
              headers: { 'X-Accel-Buffering': maybeHeader('Of the stream: no proxy should hold it back.', { const: 'no' }) },
              content: {
                'application/json': { schema: ref('JobEventList') },
                'text/event-stream': { schema: { type: 'string' } },
              },
            },
            204: bare('The job has ended and there is nothing behind `Last-Event-ID`.'),
          },
        },
      },
      async (request, reply) => {
        const id = pathId(request.params, 'job');
        const caller = callerOf(request);
        const cursor = request.headers['last-event-id'] ?? request.query.after;
        const after = cursor === undefined || cursor === '' ? undefined : eventPosition(String(cursor));
        const job = await engine.job(caller, id);
        const first = await engine.events(caller, id, after);
        if (request.method === 'HEAD' || negotiate(request.headers.accept, types) === 'application/json') {
          const items = await allEvents(engine, caller, id, first);
          return reply
            .header('content-type', 'application/json; charset=utf-8')
            .send(JSON.stringify({ items: items.map(eventView) }));
        }
        if (after !== undefined && first.length === 0 && hasEnded(job.state)) return reply.code(204).send();
        reply.hijack();
        await waits
          .during(reply.raw, (signal) => followJob({ engine, clock }, reply, { job, caller, first, after, signal }))
          .catch((error: unknown) => log.error({ traceId: request.traceId, job: id, err: error }, 'stream.failed'));
      },
    );
  };
}

async function allEvents(engine: Engine, caller: string, id: string, first: readonly JobEvent[]): Promise<JobEvent[]> {
  const all = [...first];
  for (let page = first; page.length > 0; ) {
    page = await engine.events(caller, id, all.at(-1)?.position);
    all.push(...page);
  }
  return all;
}
