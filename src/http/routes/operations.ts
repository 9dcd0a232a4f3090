import type { FastifyInstance } from 'fastify';
import type { QueueView, WorkerView } from '../../contracts/operations.ts';
import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import type { ExecutorState } from '../../ports/executor-pool.ts';
import type { QueueState } from '../../ports/job-store.ts';
import { jsonAnswer } from '../answer.ts';
import { postOnce } from '../idempotency.ts';
import { readNothing } from '../intake/read-nothing.ts';
import { errorResponses, idempotencyHeader, json, ref } from '../openapi-schemas.ts';

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
          response: { 200: json('All queues.', ref('QueueList')), ...errorResponses },
        },
      },
      async () => ({
        items: (await engine.queues()).map(queueView),
      }),
    );

    for (const [verb, paused] of [
      ['pause', true],
      ['resume', false],
    ] as const) {
      app.post<{ Params: { service: string } }>(
        `/v1/queues/:service/${verb}`,
        {
          schema: {
            operationId: `${verb}Queue`,
            summary: paused ? 'Start no more jobs of a service' : 'Start jobs of a service again',
            tags,
            params: serviceParams,
            headers: idempotencyHeader,
            response: { 200: json('The queue.', ref('Queue')), ...errorResponses },
          },
        },
        (request, reply) => {
          const { service } = request.params;
          return postOnce(parts, request, reply, {
            read: () => readNothing(parts, request),
            describe: () => null,
            act: async () => {
              await engine.setPaused(service, paused);
              return jsonAnswer(200, JSON.stringify(queueView(await queueOf(engine, service))));
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
          summary: 'What each executor of this process does now',
          tags,
          response: { 200: json('All executors.', ref('WorkerList')), ...errorResponses },
        },
      },
      async () => ({
        items: engine.executors().map(workerView),
      }),
    );

    app.get(
      '/v1/storage',
      {
        schema: {
          operationId: 'getStorage',
          summary: 'Room where the files lie',
          tags,
          response: { 200: json('In bytes.', ref('Storage')), ...errorResponses },
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
export function queueView({ service, paused, counts, oldestQueuedAt }: QueueState): QueueView {
  return { service, paused, counts: { ...counts }, oldestQueuedAt: timeOrNull(oldestQueuedAt) };
}

function workerView({ startedAt, ...state }: ExecutorState): WorkerView {
  return { ...state, startedAt: timeOrNull(startedAt) };
}

function timeOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
