/** One trace id leads from the request through the job to the process that worked on it. */

import sharp from 'sharp';
import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestEngine, type TestEngine, testService } from '../support/engine.ts';
import { call } from '../support/http-server.ts';
import { openOrigin } from '../support/origin.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpan = '00f067aa0ba902b7';

let program: Program;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  program = await startProgram(folder.path, ['--log-level', 'debug', '--workers', '1', '--allow-source', '127.0.0.1:*']);
});
afterAll(async () => {
  await program.end('SIGTERM');
  await folder.remove();
});

test('the lines of the request, of the job and of its executor have the trace id of the caller, each its own span', async () => {
  const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const asked: string[] = [];
  const origin = await openOrigin((request, response) => {
    asked.push(JSON.stringify(request.rawHeaders));
    response.setHeader('content-type', 'image/png').end(picture);
  });
  const answer = await call(`${program.url}/v1/thumbnails`, {
    method: 'POST',
    headers: {
      host: new URL(program.url).host,
      'content-type': 'application/json',
      traceparent: `00-${traceId}-${callerSpan}-01`,
    },
    body: JSON.stringify({ source: { url: `http://127.0.0.1:${origin.port}/a.png` } }),
  });
  expect(answer.headers['x-trace-id']).toBe(traceId);
  await eventually('the job is done', () => program.log().includes('"msg":"job.succeeded"'));
  await origin.close();

  const lines: Record<string, string>[] = program
    .log()
    .split('\n')
    .filter((line) => line.includes(traceId))
    .map((line) => JSON.parse(line));
  const line = (message: string) => lines.find(({ msg }) => msg === message) ?? expect.fail(`no line ${message}`);
  expect(line('request')).toMatchObject({ route: '/v1/thumbnails', parentSpanId: callerSpan });
  expect(line('job.started').spanId).toMatch(/^[0-9a-f]{16}$/);
  // The executor works in the span of the attempt.
  expect(line('executor.began')).toMatchObject({ spanId: line('job.started').spanId, job: JSON.parse(answer.body).id });
  expect(new Set([callerSpan, line('request').spanId, line('job.started').spanId]).size).toBe(3);
  expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['job.queued', 'job.succeeded']));
  // Strangers are not told which of our requests theirs belongs to.
  expect(asked).toHaveLength(1);
  expect(asked.join()).not.toContain(traceId);
});

test('a commit is told in the metrics, with how many writes shared it', async () => {
  const { body } = await call(`${program.url}/metrics`, { headers: { host: new URL(program.url).host } });
  expect(body).toMatch(/^coatcheck_commit_duration_seconds_count [1-9]/m);
  expect(body).toMatch(/^coatcheck_commit_writes_sum [1-9]/m);
});

test('a task has the trace, and what it wrote before it died is logged with it', async () => {
  const contract = { options: Type.Object({}, { additionalProperties: true }), result: Type.Object({}) };
  const engine: TestEngine = await openTestEngine({ services: [testService('scripted', 'scripted', { accepts: [], contract })] });
  engine.worker.start();
  try {
    const { id } = await engine.submit('scripted', { options: { act: 'trace' }, traceId });
    const patience = new AbortController().signal;
    await engine.engine.waitForEnd('ann', id, 10_000, patience);
    const { traceparent } = JSON.parse(await engine.engine.result('ann', id));
    expect(traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));

    const dying = await engine.submit('scripted', { options: { act: 'complain' }, maxAttempts: 1, traceId });
    await engine.engine.waitForEnd('ann', dying.id, 10_000, patience);
    await eventually('its end is logged', () => engine.messages.includes('executor.ended'));
    const ended = engine.logged.find(({ message }) => message === 'executor.ended');
    expect(ended?.fields).toMatchObject({ traceId, job: dying.id, reason: 'crash' });
    expect(JSON.stringify(ended?.fields)).toContain(`the trace is 00-${traceId}-`);
  } finally {
    await engine.close();
  }
});
