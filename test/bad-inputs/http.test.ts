/** The rows of the area "http": bytes as they are on a socket, most of which no HTTP library would send. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { expectEveryRow } from '../support/bad-inputs.ts';
import { testService } from '../support/engine.ts';
import { recordFigure } from '../support/figures.ts';
import { openTestServer, type TestServer } from '../support/http-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import {
  answersOn,
  asksBeforeUpgrade,
  type BytesOnTheWire,
  bad,
  closing,
  dripping,
  get,
  nestedRequests,
  wireInputs,
} from '../support/wire-inputs.ts';

/** Rows that wait for a part of the product that is not there yet, or are tried elsewhere. */
const waiting: readonly { readonly row: number; readonly reason: string }[] = [
  { row: 125, reason: 'a limit on the rate of requests comes with overload; it is tried there' },
];

const clock = new ManualClock();
const rows = wireInputs(clock);
let server: TestServer;
let stopping: TestServer;
beforeAll(async () => {
  const patience = { headersMs: 500, connectionCheckMs: 50, keepAliveMs: limits.keepAliveMs };
  server = await openTestServer({ services: [testService('noop', 'noop')] }, {}, { clock, patience });
  stopping = await openTestServer({ services: [testService('noop', 'noop')] });
  stopping.server.drain();
});
afterAll(async () => {
  await server.closeAll();
  await stopping.closeAll();
});

const whileStopping: readonly BytesOnTheWire[] = [
  bad(124, 'request during shutdown', get('/v1/jobs'), { status: 503, problem: 'shutting-down', answer: /\r\nretry-after: \d/i }),
  bad(124, 'readiness during shutdown', get('/readyz'), { status: 503, problem: 'shutting-down' }),
];

/** Our side stays open, as that of a bad client would. */
function answersTo(port: number, input: BytesOnTheWire): Promise<string> {
  return answersOn(connect({ port, host: '127.0.0.1', allowHalfOpen: true }), input);
}

let tried = 0;
let answeredTwice = 0;

async function expectAnswer(port: number, input: BytesOnTheWire): Promise<void> {
  const text = await answersTo(port, input);
  const answers = text.match(/HTTP\/1\.1 \d{3} /g) ?? [];
  tried += 1;
  answeredTwice += answers.length > 1 ? 1 : 0;
  expect(answers).toEqual([`HTTP/1.1 ${input.status} `]);
  expect(text).not.toMatch(/node_modules|\.[tj]s:\d|fastify|x-powered-by|\r\nserver:/i);
  if (input.problem !== null) {
    expect(text).toContain('content-type: application/problem+json');
    expect(text).toContain(`"type":"/problems/${input.problem}"`);
    expect(text.toLowerCase()).toContain('connection: close');
  }
  if (input.answer !== undefined) expect(text).toMatch(input.answer);
  if (input.never !== undefined) expect(text).not.toMatch(input.never);
}

describe('HTTP is read in one way: one answer, and the connection ends', () => {
  test.each(rows)('$row: $input: $status', (input) => expectAnswer(server.port, input));
  test.each(whileStopping)('$row: $input: $status', (input) => expectAnswer(stopping.port, input));
  expectEveryRow('http', [...rows, ...whileStopping, ...waiting]);
});

test.each(nestedRequests)('a request %s is not answered, the one behind it is', async (_name, bytes) => {
  const text = await answersTo(server.port, bad(0, '', bytes + closing('GET', '/v1/queues')));
  // Or the connection ends with the first answer, and nothing behind it is read.
  const isLast = asksBeforeUpgrade && bytes.includes('Upgrade:');
  expect(text.match(/HTTP\/1\.1 \d{3} /g)).toEqual(Array.from({ length: isLast ? 1 : 2 }, () => 'HTTP/1.1 200 '));
  if (isLast) expect(text).toContain('connection: close');
  else expect(text).toContain('"paused":false');
  tried += 1;
});

test('a body that nobody reads and that does not end holds no connection', async () => {
  const text = await answersTo(server.port, bad(0, '', `${get('/v1/jobs', 'Content-Length: 100000')}a`, { meanwhile: dripping }));
  expect(text.match(/HTTP\/1\.1 \d{3} /g)).toEqual(['HTTP/1.1 200 ']);
});

test('no hidden request was seen by any route', () => {
  expect(server.lines.filter(({ path }) => path === '/livez').map(({ method }) => method)).toEqual(['GET', 'HEAD']);
  recordFigure(
    23,
    `${tried} inputs on raw sockets; each answered once and its connection closed, ${answeredTwice} second answers`,
  );
  for (const { row, reason } of waiting) console.warn(`ROW ${row} of the bad inputs is not tried here: ${reason}`);
});
