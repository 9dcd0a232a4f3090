/** Bare Fastify: streams a body to a file, syncs it, renames it, inserts one row with full sync, answers 201. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import Fastify from 'fastify';
import { answering, childOptions } from '../support/answering.mjs';
import { openTable } from './table.mjs';

const { folder } = childOptions();
const uploads = join(folder, 'uploads');
mkdirSync(uploads);
const { insert } = openTable(folder);

async function store(body) {
  const id = randomUUID();
  const part = join(uploads, `${id}.part`);
  const file = await open(part, 'wx');
  for await (const chunk of body) await file.write(chunk);
  await file.sync();
  await file.close();
  await rename(part, join(uploads, id));
  insert(id, 'image/jpeg');
  return { id };
}

const app = Fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
app.post('/files', (request, reply) => store(request.body).then((stored) => reply.code(201).send(stored)));
answering({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });
