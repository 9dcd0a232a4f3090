import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { ServiceView } from '../../contracts/operations.ts';
import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import type { Service } from '../../ports/service.ts';
import { json, ref } from '../openapi-schemas.ts';

/** `GET /v1/services`: what is installed, and its sample files. Models may come and go while the server runs. */
export function serviceRoutes(services: readonly Service[], uploadBytesMax: number): (app: FastifyInstance) => void {
  const schema = {
    operationId: 'listServices',
    summary: 'What is installed',
    tags: ['services'],
    response: { 200: json('All services.', ref('ServiceList')) },
  };
  return (app) => {
    app.get('/v1/services', { schema }, async (_request, reply) =>
      reply
        .header('content-type', 'application/json; charset=utf-8')
        .send(JSON.stringify({ items: services.map((service) => serviceView(service, uploadBytesMax)) })),
    );
    app.get(
      '/v1/services/:service/samples/:name',
      { schema: sampleSchema, config: { produces: [], problems: ['not-found'] } },
      async (request, reply) => {
        const { service, name } = request.params as { service: string; name: string };
        const sample = services.find((each) => each.name === service)?.samples?.find((each) => each.name === name);
        if (sample === undefined) throw new ServiceError('not-found', 'There is no such sample.');
        return reply.header('content-type', sample.mediaType).send(await readFile(sample.file));
      },
    );
  };
}

const sampleSchema = {
  operationId: 'getSample',
  summary: 'A file to try a service with',
  tags: ['services'],
  params: {
    type: 'object',
    properties: { service: { type: 'string' }, name: { type: 'string' } },
    required: ['service', 'name'],
  },
  response: {
    200: { description: 'The file.', content: { '*/*': { schema: { type: 'string', format: 'binary' } } } },
  },
};

function serviceView(
  { name, title, summary, version, accepts, produces, contract, engine, languages, models, samples = [], limits: own }: Service,
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
    ...(models !== undefined && { models: models.map(({ id, title, labels }) => ({ id, title, labels })) }),
    samples: samples.map((sample) => ({
      name: sample.name,
      title: sample.title,
      mediaType: sample.mediaType,
      link: `/v1/services/${name}/samples/${sample.name}`,
    })),
    links: { submit: `/v1/${name}` },
  };
}
