import { expect, test } from 'vitest';
import { testService } from '../../test/support/engine.ts';
import { call, openTestServer } from '../../test/support/http-server.ts';

test('a browser is told of an error on a page, in which nothing of the request can run', async () => {
  const server = await openTestServer({ services: [testService('noop', 'noop')] });
  try {
    const answer = await call(`${server.url}/nothing%3Cscript%3E`, {
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    });
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.body).not.toContain('<script>');
  } finally {
    await server.closeAll();
  }
});
