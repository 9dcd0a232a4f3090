import { afterAll, beforeAll, expect, test } from 'vitest';
import { testService } from '../../test/support/engine.ts';
import { expectProblem } from '../../test/support/expect-problem.ts';
import { call, openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { onePixelPng } from '../../test/support/pictures.ts';

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
