/** Bare Fastify that answers a fixed object. */
import Fastify from 'fastify';
import { answering, childOptions } from '../support/answering.mjs';

const { object } = childOptions();
const app = Fastify();
app.get('/v1/jobs/:id', () => object);
answering({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });
