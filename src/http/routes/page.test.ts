import { afterAll, beforeAll, expect, test } from 'vitest';
import { testService } from '../../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../../test/support/http-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop')] });
});
afterAll(() => server.closeAll());

const ask = (path: string, headers: Record<string, string> = {}) => call(`${server.url}${path}`, { headers });

test.each(['/', '/jobs', '/jobs/0198c1a0-0000-7000-8000-000000000000', '/taps', '/operations'])(
  '%s is the page, which runs only what is ours and is asked for anew each time',
  async (path) => {
    const { status, headers, body } = await ask(path, { accept: 'text/html' });
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(headers['cache-control']).toContain('max-age=0');
    expect(headers.etag).toBeDefined();
    expect(body).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(body).not.toMatch(/<script>|style="|onclick/);
  },
);

test('what the page loads is kept for ever, as its name changes with it, and comes compressed', async () => {
  const script = /src="([^"]+\.js)"/.exec((await ask('/')).body)?.[1] ?? '';
  const { status, headers } = await ask(script, { 'accept-encoding': 'br' });
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' });
  expect(headers['cache-control']).toContain('immutable');
  expect((await ask(script)).headers['content-encoding']).toBeUndefined();
});

test.each(['/assets/none.js', '/assets/../package.json', '/nowhere'])('%s is not there', async (path) => {
  expect((await ask(path)).status).toBe(404);
});
