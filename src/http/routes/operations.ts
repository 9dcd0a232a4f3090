import type { FastifyInstance } from 'fastify';
import type { QueueView, WorkerView } from '../../contracts/operations.ts';
import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import type { Engine, WorkerState } from '../../engine/engine.ts';
import type { QueueState } from '../../ports/job-store.ts';
import { jsonAnswer } from '../answer.ts';
import { postOnce } from '../idempotency.ts';
import { readNothing } from '../intake/read-nothing.ts';
import { emptyBody, idempotencyHeader, json, ref } from '../openapi-schemas.ts';

const tags = ['operations'];

const serviceParams = { type: 'object', required: ['service'], properties: { service: { type: 'string' } } };

/** What operators look at and turn: queues, workers, storage. */
export function operationRoutes(parts: { engine: Engine; clock: Clock }): (app: FastifyInstance) => void {
  const { engine } = parts;
  return (app) => {
    app.get(
      '/v1/queues',
      {
        schema: {
          operationId: 'listQueues',
          summary: 'The queue of each service',
          tags,
          response: { 200: json('All queues.', ref('QueueList')) },
        },
      },
      async () => ({ items: await Promise.all((await engine.queues()).map((queue) => queueView(parts, queue))) }),
    );

    for (const [verb, paused] of [
      ['pause', true],
      ['resume', false],
    ] as const) {
      app.post<{ Params: { service: string } }>(
        `/v1/queues/:service/${verb}`,
        {
          config: { bodyOptional: true },
          schema: {
            operationId: `${verb}Queue`,
            summary: paused ? 'Start no more jobs of a service' : 'Start jobs of a service again',
            tags,
            params: serviceParams,
            headers: idempotencyHeader,
            body: emptyBody,
            response: { 200: json('The queue.', ref('Queue')) },
          },
        },
        (request, reply) => {
          const { service } = request.params;
          return postOnce(parts, request, reply, {
            read: () => readNothing(parts, request),
            describe: () => null,
            act: async () => {
              await engine.setPaused(service, paused);
              return jsonAnswer(200, JSON.stringify(await queueView(parts, await queueOf(engine, service))));
            },
          });
        },
      );
    }

    app.get(
      '/v1/workers',
      {
        schema: {
          operationId: 'listWorkers',
          summary: 'The processes that run jobs, and what each of their executors does now',
          tags,
          response: { 200: json('All workers.', ref('WorkerList')) },
        },
      },
      async () => ({ items: engine.workers().map(workerView) }),
    );

    app.get(
      '/v1/storage',
      {
        schema: {
          operationId: 'getStorage',
          summary: 'What is kept, and the room that is left',
          tags,
          response: { 200: json('In bytes.', ref('Storage')) },
        },
      },
      () => engine.storage(),
    );
  };
}

async function queueOf(engine: Engine, service: string): Promise<QueueState> {
  const queue = (await engine.queues()).find((each) => each.service === service);
  if (queue === undefined) throw new ServiceError('not-found', `There is no service ${service}.`);
  return queue;
}

/** A queue as clients see it. */
export async function queueView({ engine, clock }: { engine: Engine; clock: Clock }, queue: QueueState): Promise<QueueView> {
  const { service, paused, counts, delayed, oldestQueuedAt } = queue;
  const expectedWaitMs = await engine.expectedWaitMs(service);
  return {
    service,
    paused,
    depth: counts.queued - delayed,
    delayed,
    counts: { ...counts },
    perMinute: { ...engine.rates(service) },
    oldestQueuedAt: timeOrNull(oldestQueuedAt),
    oldestWaitSeconds: oldestQueuedAt === null ? null : Math.max(0, (clock.now() - oldestQueuedAt) / 1000),
    expectedWaitSeconds: expectedWaitMs === null ? null : Math.ceil(expectedWaitMs / 1000),
  };
}

function workerView({ name, host, pid, startedAt, executors }: WorkerState): WorkerView {
  return {
    name,
    host,
    pid,
    startedAt: new Date(startedAt).toISOString(),
    executors: executors.map(({ startedAt: since, ...state }) => ({ ...state, since: timeOrNull(since) })),
  };
}

function timeOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
