import type { FastifyInstance } from 'fastify';
import { errorKinds, isErrorCode, problemType, ServiceError } from '../../core/errors.ts';
import { negotiate } from '../accept.ts';
import { escapeHtml, htmlPage, pagePolicy } from '../html.ts';
import { jsonOrPage } from '../openapi-schemas.ts';

const types = ['text/html', 'application/json'];

/** The pages that the `type` of a problem leads to, and a list of them all. */
export function problemRoutes(): (app: FastifyInstance) => void {
  return (app) => {
    app.get('/problems', { config: { produces: types }, schema: listSchema }, async (request, reply) => {
      if (negotiate(request.headers.accept, types) === 'application/json') {
        return { items: Object.entries(errorKinds).map(([code, kind]) => ({ type: `/problems/${code}`, ...kind })) };
      }
      const rows = Object.entries(errorKinds).map(
        ([code, { title }]) => `<li><a href="/problems/${code}">${escapeHtml(title)}</a> <code>${code}</code></li>`,
      );
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', pagePolicy)
        .send(htmlPage('Everything that can go wrong', `<ul>${rows.join('\n')}</ul>`));
    });

    app.get<{ Params: { slug: string } }>(
      '/problems/:slug',
      { config: { produces: types }, schema: pageSchema },
      async (request, reply) => {
        const { slug } = request.params;
        if (!isErrorCode(slug)) throw new ServiceError('not-found', 'There is no such kind of problem.');
        const kind = errorKinds[slug];
        if (negotiate(request.headers.accept, types) === 'application/json') return { type: problemType(slug), ...kind };
        const again = kind.retryable ? 'The same request may succeed later.' : 'The same request will fail again.';
        const body = `<p>${escapeHtml(kind.help)}</p>\n<p>${again}</p>\n<p><small>Status ${kind.status}, <code>${slug}</code>. <a href="/problems">All kinds</a></small></p>`;
        return reply
          .type('text/html; charset=utf-8')
          .header('content-security-policy', pagePolicy)
          .send(htmlPage(kind.title, body));
      },
    );
  };
}

const kindMembers = {
  type: { type: 'string', pattern: '^/problems/' },
  status: { type: 'integer', minimum: 400, maximum: 599 },
  title: { type: 'string' },
  retryable: { type: 'boolean', description: 'Whether the same request may succeed later.' },
  help: { type: 'string', description: 'What it means, and the way out.' },
};
const kindSchema = { type: 'object', required: Object.keys(kindMembers), properties: kindMembers };

const listSchema = {
  operationId: 'listProblems',
  summary: 'Everything that can go wrong',
  tags: ['operations'],
  response: {
    200: jsonOrPage('All kinds of problems.', {
      type: 'object',
      required: ['items'],
      properties: { items: { type: 'array', items: kindSchema } },
    }),
  },
};

const pageSchema = {
  operationId: 'getProblem',
  summary: 'What a kind of problem means, and what to do',
  tags: ['operations'],
  params: { type: 'object', required: ['slug'], properties: { slug: { type: 'string' } } },
  response: { 200: jsonOrPage('One kind of problem.', kindSchema) },
};
