import type { FastifyInstance } from 'fastify';
import type { ServiceView } from '../../contracts/operations.ts';
import { limits } from '../../core/limits.ts';
import type { Service } from '../../ports/service.ts';
import { json, ref } from '../openapi-schemas.ts';

/** `GET /v1/services`: what is installed. It cannot change while the server runs, so that it is written once. */
export function serviceRoutes(services: readonly Service[], uploadBytesMax: number): (app: FastifyInstance) => void {
  const body = JSON.stringify({ items: services.map((service) => serviceView(service, uploadBytesMax)) });
  const schema = {
    operationId: 'listServices',
    summary: 'What is installed',
    tags: ['services'],
    response: { 200: json('All services.', ref('ServiceList')) },
  };
  return (app) => {
    app.get('/v1/services', { schema }, async (_request, reply) =>
      reply.header('content-type', 'application/json; charset=utf-8').send(body),
    );
  };
}

function serviceView(
  { name, title, summary, version, accepts, produces, contract, engine, languages, limits: own }: Service,
  uploadBytesMax: number,
): ServiceView {
  return {
    name,
    title,
    summary,
    version,
    accepts: [...accepts],
    produces: [...produces],
    options: { ...contract.options },
    result: { ...contract.result },
    limits: {
      timeMs: own.timeMs,
      memoryBytes: own.memoryBytes,
      uploadBytes: uploadBytesMax,
      pixels: limits.pixelsMax,
      frames: limits.framesMax,
    },
    ...(engine !== undefined && { engine }),
    ...(languages !== undefined && { languages: [...languages] }),
    links: { submit: `/v1/${name}` },
  };
}
