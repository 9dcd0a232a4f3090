import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { json, ref } from '../openapi-schemas.ts';

export interface ProbeParts {
  readonly engine: Engine;
  readonly version: string;
  readonly draining: () => boolean;
}

/** Probes are asked by machines that take any answer. */
const config = { produces: [], whileDraining: true };

/** `/livez`: the process answers. `/readyz`: so does what it needs, and it is not stopping. */
export function probeRoutes({ engine, version, draining }: ProbeParts): (app: FastifyInstance) => void {
  const describe = (operationId: string, summary: string) => ({
    operationId,
    summary,
    tags: ['operations'],
    response: { 200: json('Yes.', ref('Health')) },
  });
  return (app) => {
    app.get('/livez', { config, schema: describe('livez', 'Whether the process answers') }, async () => ({
      status: 'ok',
      version,
    }));

    app.get('/readyz', { config, schema: describe('readyz', 'Whether requests can be served') }, async () => {
      if (draining()) throw new ServiceError('shutting-down', 'The server is stopping.');
      await engine.check();
      return { status: 'ok', version };
    });
  };
}
