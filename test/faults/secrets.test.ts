/** No secret that a request, a link or a setting holds is ever told: not by the log, not by an error, not by an answer. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../support/http-server.ts';
import { openOrigin } from '../support/origin.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

const canary = 'c4n4ryC4N4RY';
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

let program: Program;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
/** Everything that the server answered. */
const answers: string[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  program = await startProgram(folder.path, ['--log-level', 'trace', '--workers', '1', '--allow-source', '127.0.0.1:*']);
});
afterAll(async () => {
  await program.end('SIGTERM');
  await folder.remove();
});

async function ask(path: string, method = 'GET', headers: Record<string, string> = {}, body?: string | Buffer) {
  const { host } = new URL(program.url);
  const answer = await call(`${program.url}${path}`, {
    method,
    headers: { host, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  answers.push(JSON.stringify(answer.headers), answer.body);
  return answer;
}

const json = { 'content-type': 'application/json' };

test('secrets in headers, queries, options and links are neither logged nor answered', async () => {
  const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const asked: string[] = [];
  const origin = await openOrigin((request, response) => {
    asked.push(request.url ?? '');
    response.statusCode = request.url?.startsWith('/none') ? 403 : 200;
    response.setHeader('content-type', 'image/png').end(picture);
  });
  const secretHeaders = {
    authorization: `Bearer ${canary}`,
    'x-api-key': canary,
    cookie: `session=${canary}`,
    'proxy-authorization': `Basic ${canary}`,
  };
  await ask(`/v1/jobs?access_token=${canary}&token=${canary}`, 'GET', secretHeaders);
  await ask(`/v1/nothing?sig=${canary}`, 'GET', { ...secretHeaders, accept: 'text/html' });
  await ask('/livez', 'GET', { host: `ann:${canary}@127.0.0.1` });
  await ask(`/v1/thumbnails?password=${canary}`, 'POST', { ...secretHeaders, 'content-type': 'image/png' }, picture);
  const badOptions = { password: canary, width: `token=${canary}`, webhook: `whsec_${canary}` };
  await ask('/v1/thumbnails', 'POST', json, JSON.stringify({ source: { base64: 'AA==' }, options: badOptions }));
  await ask('/v1/thumbnails', 'POST', json, `{"options":{"password":"${canary}"`);
  await ask('/v1/thumbnails', 'POST', json, JSON.stringify({ source: { url: `https://ann:${canary}@files.example/a.png` } }));
  await ask('/v1/thumbnails', 'POST', json, JSON.stringify({ source: { url: `ftp://files.example/?token=${canary}` } }));

  const base = `http://127.0.0.1:${origin.port}`;
  const query = `X-Amz-Expires=60&X-Amz-Signature=${canary}&sig=${canary}&token=${canary}`;
  for (const path of ['/a.png', '/none.png']) {
    const body = JSON.stringify({ maxAttempts: 1, source: { url: `${base}${path}?${query}` } });
    const made = await ask('/v1/thumbnails', 'POST', { ...json, 'idempotency-key': `"key${path}"` }, body);
    expect(made.status, made.body).toBe(202);
    await ask('/v1/thumbnails', 'POST', { ...json, 'idempotency-key': `"key${path}"` }, body);
    const { id } = JSON.parse(made.body);
    await eventually('the job has ended', async () => {
      const { state } = JSON.parse((await ask(`/v1/jobs/${id}`)).body);
      return state === 'succeeded' || state === 'failed';
    });
    await ask(`/v1/jobs/${id}/events`);
    await ask(`/v1/queue/${id}`);
  }
  const list = await ask('/v1/jobs');
  await ask('/metrics');
  await origin.close();

  // The server of the link was asked with the whole of it.
  expect(asked).toEqual([`/a.png?${query}`, `/none.png?${query}`]);
  expect(list.body).toContain('X-Amz-Expires=60&X-Amz-Signature=***');
  await eventually('all is logged', () => program.log().includes('"route":"/metrics"'));
  expect(answers.filter((answer) => answer.includes(canary))).toEqual([]);
  expect(
    program
      .log()
      .split('\n')
      .filter((line) => line.includes(canary)),
  ).toEqual([]);
});

test.each([
  ['--database', `postgres://coat:${canary}@db.example/jobs`],
  ['--broker', `amqp://coat:${canary}@broker.example`],
  ['--blobs', `s3://key:${canary}@s3.example/bucket`],
  ['--public-url', `https://coat:${canary}@files.example`],
  ['--public-url', `https://files.example/?token=${canary}`],
  ['--allow-source', `https://coat:${canary}@inside.example`],
])('%s with a secret in it is refused without repeating the secret', async (flag, value) => {
  const name = `COATCHECK_${flag.slice(2).toUpperCase().replaceAll('-', '_')}`;
  for (const [told, ran] of [
    [name, run(['serve'], { [name]: value })],
    [flag, run(['doctor', flag, value], {})],
  ] as const) {
    const { code, output } = await ran;
    expect(code, output).toBe(2);
    expect(output).toContain(told);
    expect(output).not.toContain(canary);
  }
});

function run(args: readonly string[], env: Record<string, string>): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [main, ...args],
      { env: { PATH: process.env.PATH ?? '', ...env } },
      (_error, ...told) => resolve({ code: child.exitCode ?? -1, output: told.join('') }),
    );
  });
}
