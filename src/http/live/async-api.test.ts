import { Ajv } from 'ajv';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testService } from '../../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../../test/support/http-server.ts';
import { openLive } from '../../../test/support/live-socket.ts';
import { onePixelPng } from '../../../test/support/pictures.ts';
import { eventually } from '../../../test/support/program.ts';
import { LiveMessage } from '../../contracts/live.ts';

interface Document {
  asyncapi: string;
  channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
  operations: Record<string, { action: string; channel: { $ref: string }; messages: { $ref: string }[] }>;
  components: { messages: Record<string, { payload: object; examples: { payload: unknown }[] }> };
}

const ajv = new Ajv({
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  formats: { 'date-time': true, uuid: true },
});
let server: TestServer;
let document: Document;
beforeAll(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop')] });
  const { status, headers, body } = await call(`${server.url}/asyncapi.json`);
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json; charset=utf-8' });
  document = JSON.parse(body);
});
afterAll(() => server.closeAll());

/** Every `$ref` in it. */
function refs(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]) => (name === '$ref' ? [String(member)] : refs(member)));
}

const resolve = (ref: string) =>
  ref
    .slice(2)
    .split('/')
    .reduce<unknown>((part, name) => Object(part)[name], document);

test('the document is AsyncAPI 3.1 and every reference in it leads somewhere', () => {
  expect(document.asyncapi).toBe('3.1.0');
  expect(document.channels.live?.address).toBe('/v1/live');
  expect(refs(document).length).toBeGreaterThan(10);
  for (const ref of refs(document)) expect({ ref, found: typeof resolve(ref) }).toEqual({ ref, found: 'object' });
  // An operation names messages of its channel, as the specification wants it.
  for (const { messages } of Object.values(document.operations)) {
    for (const { $ref } of messages) expect($ref).toMatch(/^#\/channels\/live\/messages\//);
  }
});

test('every message has a schema that its examples fit', () => {
  for (const [name, { payload, examples }] of Object.entries(document.components.messages)) {
    const validate = ajv.compile(payload);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples)
      expect({ name, valid: validate(example.payload), errors: validate.errors }).toEqual({ name, valid: true, errors: null });
  }
});

test('what the server really tells fits the schemas', async () => {
  const live = await openLive(server.url);
  live.send({ id: 1, type: 'subscribe', topics: ['jobs', 'queues'] });
  live.send({ id: 2, type: 'subscribe', topics: ['nothing'] });
  const { id } = JSON.parse((await call(`${server.url}/v1/noop`, { method: 'POST', body: onePixelPng })).body);
  server.parts.bus.publish({
    kind: 'progress',
    job: id,
    caller: 'anonymous',
    service: 'noop',
    progress: { fraction: null, message: 'x' },
  });
  await eventually('it is done', () => live.types('jobs', id).includes('job.succeeded'));
  await call(`${server.url}/v1/jobs/${id}`, { method: 'DELETE' });
  await eventually('it is removed', () => live.types('jobs', id).includes('job.removed'));
  await eventually('the queues are told', () => live.told().includes('queues queues.changed'));
  const validate = ajv.compile(LiveMessage);
  for (const message of live.messages) expect({ message, valid: validate(message) }).toEqual({ message, valid: true });
});
