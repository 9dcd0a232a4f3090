import { type TProperties, Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testService } from '../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { eventually } from '../../test/support/program.ts';
import { createServiceIntake } from './intake/submission.ts';

const canary = 'c4n4ryC4N4RY';
const result = Type.Object({});
const password = Type.Optional(Type.String({ writeOnly: true }));

let server: TestServer;

beforeAll(async () => {
  const options = Type.Object({ password }, { additionalProperties: false });
  server = await openTestServer({
    services: [testService('locked', 'scripted', { accepts: [], contract: { options, result } })],
  });
});
afterAll(() => server.closeAll());

test('a password reaches the task, and nobody can read it back', async () => {
  const headers = { host: new URL(server.url).host, 'content-type': 'application/json', 'idempotency-key': 'once' };
  const body = JSON.stringify({ options: { password: canary } });
  const made = await call(`${server.url}/v1/locked`, { method: 'POST', headers, body });
  const again = await call(`${server.url}/v1/locked`, { method: 'POST', headers, body });
  const { id } = JSON.parse(made.body);
  const read = (path: string) => call(`${server.url}${path}`, { headers: { host: headers.host } });
  await eventually('it is done', async () => JSON.parse((await read(`/v1/jobs/${id}`)).body).state === 'succeeded');
  const told = [made, again, ...(await Promise.all([`/v1/jobs/${id}`, '/v1/jobs', `/v1/jobs/${id}/events`].map(read)))];

  expect(JSON.parse(made.body).options).toEqual({ password: '***' });
  expect(again.headers['idempotent-replayed']).toBe('true');
  for (const { body: text } of told) expect(text).not.toContain(canary);
  expect(JSON.stringify(server.lines)).not.toContain(canary);
  const { file } = JSON.parse((await read(`/v1/jobs/${id}/result`)).body);
  expect((await read(`/v1/files/${file}`)).body).toBe(JSON.stringify({ password: canary }));
});

test('a service whose secret option does not say both ways that it is one is not taken in', () => {
  const service = (options: TProperties) =>
    testService('locked', 'scripted', { contract: { options: Type.Object(options), result } });
  expect(() => createServiceIntake(service({ password: Type.String() }))).toThrow(/must be writeOnly/);
  expect(() => createServiceIntake(service({ opener: Type.String({ writeOnly: true }) }))).toThrow(/does not tell/);
  expect(() => createServiceIntake(service({ password }))).not.toThrow();
});
