import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import type { Engine, WorkerState } from '../../engine/engine.ts';
import { type ExecutorEnd, executorEnds } from '../../ports/executor-pool.ts';
import type { Log } from '../../ports/log.ts';
import type { Gauges, Metrics } from '../../ports/metrics.ts';

export interface MetricsParts {
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
  readonly live: () => { readonly size: number; readonly bufferedBytes: number };
  /** Null where there is no broker. */
  readonly brokerConnected: () => boolean | null;
}

/** Asked by machines that take any answer, during a stop, too. */
const config = { produces: [], whileDraining: true };

/** `GET /metrics`: what Prometheus and its kin read. It costs a few indexed reads, however many jobs there are. */
export function metricsRoute(parts: MetricsParts): (app: FastifyInstance) => void {
  const { metrics } = parts;
  return (app) => {
    const schema = {
      operationId: 'metrics',
      summary: 'Counts and durations for monitoring, in the text format of Prometheus',
      tags: ['operations'],
      response: {
        200: {
          description: 'The metrics of this process; docs/operations.md names those to watch.',
          content: { 'text/plain': { schema: { type: 'string' } } },
        },
      },
    };
    app.get('/metrics', { config, schema }, async (_request, reply) => {
      const text = await metrics.text(await gaugesNow(parts));
      return reply.header('content-type', metrics.contentType).send(Buffer.from(text));
    });
  };
}

async function gaugesNow({ engine, log, clock, live, brokerConnected }: MetricsParts): Promise<Gauges> {
  // A store that does not answer is itself worth telling, with all that is known without it.
  const orNull = <T>(asked: Promise<T>) =>
    asked.catch((error: unknown) => {
      log.warn({ err: error }, 'metrics.incomplete');
      return null;
    });
  const [queues, storage] = await Promise.all([orNull(engine.queues()), orNull(engine.storage())]);
  const { size: sockets, bufferedBytes } = live();
  return {
    queues,
    storage,
    ...executorsOf(engine.workers()),
    live: { sockets, bufferedBytes },
    brokerConnected: brokerConnected(),
    now: clock.now(),
  };
}

function executorsOf(workers: readonly WorkerState[]): Pick<Gauges, 'executors' | 'executorEnds'> {
  const executors = workers.flatMap((worker) => worker.executors);
  const busy = executors.filter(({ job }) => job !== null).length;
  const residentBytes = executors.reduce((sum, each) => sum + (each.residentBytes ?? 0), 0);
  const count = (reason: ExecutorEnd) => workers.reduce((sum, worker) => sum + worker.executorEnds[reason], 0);
  return {
    executors: { busy, idle: executors.length - busy, residentBytes },
    executorEnds: Object.fromEntries(executorEnds.map((reason) => [reason, count(reason)])) as Gauges['executorEnds'],
  };
}
