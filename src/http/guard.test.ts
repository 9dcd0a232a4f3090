import { afterAll, beforeAll, expect, test } from 'vitest';
import { testService } from '../../test/support/engine.ts';
import { expectProblem } from '../../test/support/expect-problem.ts';
import { call, openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { onePixelPng } from '../../test/support/pictures.ts';
import { createGuard } from './guard.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop')] });
});
afterAll(() => server.closeAll());

test.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80'])('the host %s is not served', async (host) => {
  expectProblem(await call(`${server.url}/v1/jobs`, { headers: { host } }), 403, 'host-not-allowed');
});

test.each(['http://evil.example', 'null', 'http://127.0.0.1.evil.example'])(
  'a page of the origin %s changes nothing',
  async (origin) => {
    const sent = { method: 'POST', headers: { origin }, body: onePixelPng };
    expectProblem(await call(`${server.url}/v1/noop`, sent), 403, 'origin-not-allowed');
    expect(JSON.parse((await call(`${server.url}/v1/jobs`)).body).items).toEqual([]);
  },
);

const publicUrl = 'https://files.example';
const behind = createGuard({ host: '127.0.0.1', publicUrl, trustProxy: true });
const alone = createGuard({ host: '127.0.0.1', publicUrl });

test.each([
  { host: 'files.example' },
  { host: 'files.example', 'x-forwarded-host': 'files.example', origin: publicUrl },
  // A proxy that asks for its own name of us and tells the one that it was asked for.
  { host: '127.0.0.1:8080', 'x-forwarded-host': 'files.example', origin: publicUrl },
  { host: '127.0.0.1:8080', 'x-forwarded-host': 'localhost:3000', origin: 'http://localhost:3000' },
])('behind a proxy that is trusted, %j is from one of our own pages', (headers) => {
  expect(() => behind.check('POST', headers)).not.toThrow();
});

test.each([
  { host: '127.0.0.1:8080', 'x-forwarded-host': 'evil.example' },
  { host: '127.0.0.1:8080', 'x-forwarded-host': 'files.example, evil.example' },
  // A page writes what it likes into the one header, but not into the other.
  { host: 'evil.example', 'x-forwarded-host': '127.0.0.1:8080' },
])('%j is for a name that is none of ours', (headers) => {
  expect(() => behind.check('GET', headers)).toThrow(expect.objectContaining({ code: 'host-not-allowed' }));
});

test('what a proxy would tell is not listened to where none is trusted', () => {
  const headers = { host: '127.0.0.1:8080', 'x-forwarded-host': 'other.example' };
  expect(() => alone.check('GET', headers)).not.toThrow();
  expect(() => alone.check('POST', { ...headers, origin: 'https://other.example' })).toThrow(
    expect.objectContaining({ code: 'origin-not-allowed' }),
  );
});
