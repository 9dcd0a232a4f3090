/** Bare Fastify: takes a small JSON body, inserts one row with full sync, answers 202. */
import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { answering, childOptions } from '../support/answering.mjs';
import { openTable } from './table.mjs';

const { folder } = childOptions();
const { insert } = openTable(folder);
const app = Fastify();
app.post('/jobs', (request, reply) => {
  const id = randomUUID();
  insert(id, JSON.stringify(request.body));
  return reply.code(202).send({ id, state: 'queued' });
});
answering({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });
