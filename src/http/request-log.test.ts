import { afterAll, beforeAll, expect, test } from 'vitest';
import { testService } from '../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { eventually } from '../../test/support/program.ts';

const services = [testService('scripted', 'scripted', { accepts: [] })];
let behind: TestServer;
let alone: TestServer;

beforeAll(async () => {
  behind = await openTestServer({ services }, { trustProxy: true });
  alone = await openTestServer({ services });
});
afterAll(() => Promise.all([behind.closeAll(), alone.closeAll()]));

/** Who asked, as the log has it. */
async function loggedClient({ url, lines }: TestServer): Promise<unknown> {
  const headers = { host: new URL(url).host, 'x-forwarded-for': '192.0.2.66, 198.51.100.7' };
  await call(`${url}/livez`, { headers });
  await eventually('the request is logged', () => lines.some(({ msg }) => msg === 'request'));
  return lines.find(({ msg }) => msg === 'request')?.client;
}

test('behind a proxy the log has the address that the proxy saw, not what the client wrote before it', async () => {
  expect(await loggedClient(behind)).toBe('198.51.100.7');
});

test('without a proxy the log has the address of the connection, whatever the headers say', async () => {
  expect(await loggedClient(alone)).toBe('127.0.0.1');
});
