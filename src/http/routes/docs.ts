import type { FastifyInstance } from 'fastify';

/** `/openapi.json`; `/docs` shows it. */
export function docsRoutes(): (app: FastifyInstance) => void {
  return (app) => {
    let document: string | null = null;
    app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
      document ??= JSON.stringify(app.swagger());
      return reply.header('content-type', 'application/json; charset=utf-8').send(document);
    });
  };
}
