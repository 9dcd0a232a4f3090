/**
 * What clients do, through real proxies with the configurations that docs/operations.md shows.
 * A larger upload: COATCHECK_TEST_UPLOAD_MB=200 npx vitest run test/proxies/journey.test.ts
 */
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/expect-problem.ts';
import { freePort } from '../support/free-port.ts';
import { openLive } from '../support/live-socket.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';
import { installedProxies, publicName, type RunningProxy, startProxy } from '../support/proxy.ts';
import { answerOf, callThrough, type Outward, openThrough, responseOf, trusting } from '../support/through-proxy.ts';

const uploadBytes = Number(process.env.COATCHECK_TEST_UPLOAD_MB ?? 48) * 1024 ** 2;
const publicUrl = `https://${publicName}`;
const behindProxy = ['--public-url', publicUrl, '--trust-proxy', '--workers', '1'];
const withinMs = 60_000;
const png = { 'content-type': 'image/png' };
const json = { 'content-type': 'application/json' };

describe.each(installedProxies())('behind %s', { timeout: 3 * withinMs }, (name) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let port: number;
  let server: Program;
  let proxy: RunningProxy;

  const start = () => startProgram(join(folder.path, 'data'), [...behindProxy, '--port', String(port)]);
  const call = (path: string, outward?: Outward) => callThrough(proxy, path, outward);
  const blobs = () => join(folder.path, 'data', 'blobs');
  const live = (origin = publicUrl) =>
    openLive(`https://127.0.0.1:${proxy.port}`, { ...trusting(proxy), origin, headers: { host: publicName } });
  const submit = async (query = '') => {
    const { status, body, headers } = await call(`/v1/thumbnails${query}`, { method: 'POST', headers: png, body: onePixelPng });
    expect(status).toBe(202);
    return { id: String(JSON.parse(body).id), headers };
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    port = await freePort();
    [server, proxy] = await Promise.all([start(), startProxy(name, port)]);
  });
  afterAll(async () => {
    await proxy?.remove();
    await server?.end('SIGKILL');
    await folder.remove();
  });

  test('a file that is handed in leads over its Locations to the result', async () => {
    const { id, headers } = await submit();
    expect(headers).toMatchObject({ location: `/v1/queue/${id}`, 'content-location': `/v1/jobs/${id}` });
    // A browser or curl puts the name that it asked for before it.
    const monitor = new URL(headers.location ?? '', publicUrl);
    expect(monitor.origin).toBe(publicUrl);
    await eventually('it is done', async () => (await call(monitor.pathname)).status === 303, withinMs);
    const { headers: done } = await call(monitor.pathname);
    expect(done.location).toBe(`/v1/jobs/${id}/result`);
    const result = await call(done.location ?? '');
    expect(result.status).toBe(200);
    const [thumbnail] = JSON.parse(result.body).thumbnails;
    const file = await call(`/v1/files/${thumbnail.file}`, { headers: { range: 'bytes=0-9' } });
    expect(file).toMatchObject({ status: 206, headers: { 'content-range': `bytes 0-9/${thumbnail.bytes}` } });
  });

  test('an older service leads over its Locations, too', async () => {
    const body = JSON.stringify({ url: `${publicUrl}/static/ocr/sample1.jpg` });
    const made = await call('/api/v1/services', { method: 'POST', headers: json, body });
    const at = made.headers['content-location'] ?? '';
    expect(made.status).toBe(202);
    expect(at).toMatch(/^\/queue\/[^/]+$/);
    await eventually('it is done', async () => (await call(at)).status === 303, withinMs);
    expect((await call(at)).headers.location).toMatch(/^\/api\/v1\/service\/\d+$/);
  });

  test('who waits for the job gets it in the answer', async () => {
    const headers = { ...png, prefer: 'wait=30' };
    const answer = await call('/v1/thumbnails?width=2', { method: 'POST', headers, body: onePixelPng });
    expect(answer).toMatchObject({ status: 200, headers: { 'preference-applied': 'wait=30' } });
    expect(JSON.parse(answer.body)).toMatchObject({ state: 'succeeded', result: { thumbnails: [{ width: 2 }] } });
  });

  test('an event stream is not held back, and is resumed behind the last event', async () => {
    const { id } = await submit('?runAt=1d');
    const stream = (headers = {}) =>
      responseOf(openThrough(proxy, `/v1/jobs/${id}/events`, { headers: { accept: 'text/event-stream', ...headers } }).end());
    const first = textOf(await stream());
    await eventually('the first event is there while the stream is open', () =>
      /^id: .*\nevent: job\.queued$/m.test(first.text()),
    );
    const [, last = ''] = /^id: (.*)$/m.exec(first.text()) ?? [];
    const second = textOf(await stream({ 'last-event-id': last }));
    await eventually('the second stream is open', () => second.text() !== '');
    expect((await call(`/v1/jobs/${id}/cancel`, { method: 'POST' })).status).toBe(200);
    await Promise.all([first.ended, second.ended]);
    expect(eventsIn(first.text())).toEqual(['job.queued', 'job.canceled']);
    expect(eventsIn(second.text())).toEqual(['job.canceled']);
  });

  test('a WebSocket of our page hears of everything; one of another page is refused', async () => {
    const hearer = await live();
    expect(hearer.socket.protocol).toBe('coatcheck.v1');
    expect(await hearer.ask({ id: 1, type: 'subscribe', topics: ['jobs'] })).toMatchObject({ success: true });
    const { id } = await submit('?fresh=true');
    await eventually('it hears of the end', () => hearer.types('jobs', id).includes('job.succeeded'), withinMs);
    hearer.socket.close();
    expect(await hearer.closed).toBe(1005);
    await expect(live('https://evil.example')).rejects.toThrow('Unexpected server response: 403');
  });

  test('a large upload reaches the server while it is sent, and comes back byte for byte', async () => {
    const chunk = randomFillSync(Buffer.alloc(1024 ** 2));
    const sent = openThrough(proxy, '/v1/files', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'content-length': uploadBytes },
    });
    const sentHash = createHash('sha256');
    const send = async (until: number, from = 0) => {
      for (let at = from; at < until; at += chunk.length) {
        chunk.writeUInt32BE(at);
        sentHash.update(chunk);
        if (!sent.write(Buffer.from(chunk))) await once(sent, 'drain');
      }
    };
    await send(uploadBytes / 2);
    await eventually('the server has most of what was sent', async () => (await bytesBelow(blobs())) > uploadBytes / 4, withinMs);
    expect(await bytesBelow(proxy.bodies)).toBe(0);
    await send(uploadBytes, uploadBytes / 2);
    sent.end();
    const stored = await answerOf(sent);
    expect(stored.status).toBe(201);
    const back = createHash('sha256');
    for await (const part of await responseOf(openThrough(proxy, stored.headers.location ?? '').end())) back.update(part);
    expect(back.digest('hex')).toBe(sentHash.digest('hex'));
    await call(stored.headers.location ?? '', { method: 'DELETE' });
  });

  test('only our name and our pages are served, whatever a client says of proxies', async () => {
    const other = await call('/v1/jobs', { headers: { host: 'evil.example' } });
    // Caddy answers for names that it does not know itself, with nothing.
    if (name === 'caddy') expect(other).toMatchObject({ body: '', headers: { 'content-length': '0' } });
    else expectProblem(other, 403, 'host-not-allowed');
    const body = JSON.stringify({ jobs: [] });
    const change = (origin: string) => call('/v1/jobs', { method: 'POST', headers: { ...json, origin }, body });
    expectProblem(await change('https://evil.example'), 403, 'origin-not-allowed');
    expect((await change(publicUrl)).status).not.toBe(403);
    // The proxy says itself under which name it was asked.
    expect((await call('/v1/jobs', { headers: { 'x-forwarded-host': 'evil.example' } })).status).toBe(200);
  });

  test('metrics stay inside', async () => {
    expect((await call('/metrics')).status).toBe(403);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
  });

  test('headers that are too long are refused by the server, in words', async () => {
    const headers = { 'x-long': 'x'.repeat(20_000) };
    expectProblem(await call('/v1/jobs', { headers }), 431, 'request-header-fields-too-large');
    expectProblem(await call(`/v1/jobs?label.a=${'x'.repeat(20_000)}`), 431, 'request-header-fields-too-large');
  });

  describe('a server with limits', () => {
    let limited: Program;
    let front: RunningProxy;
    const ask = (from: string, headers = {}) => callThrough(front, '/v1/services', { from, headers });

    beforeAll(async () => {
      const flags = ['--workers', '0', '--upload-bytes-max', '1MB', '--client-rate', '6/1h'];
      limited = await startProgram(join(folder.path, 'limited'), [...behindProxy, ...flags]);
      front = await startProxy(name, Number(new URL(limited.url).port));
    });
    afterAll(async () => {
      await front?.remove();
      await limited?.end('SIGKILL');
    });

    test('a body that is too large is refused by the server, told beforehand or not', async () => {
      const headers = { 'content-type': 'application/octet-stream' };
      const body = Buffer.alloc(8 * 1024 ** 2, 1);
      const sent = { method: 'POST', headers, body, from: '127.0.0.21' };
      expectProblem(await callThrough(front, '/v1/files', sent), 413, 'payload-too-large');
      const untold = openThrough(front, '/v1/files', { ...sent, headers: { ...headers, 'transfer-encoding': 'chunked' } });
      untold.end(body);
      expectProblem(await answerOf(untold), 413, 'payload-too-large');
    });

    test('each client has its own rate, and cannot get another by saying that it is somebody else', async () => {
      for (let left = 5; left >= 0; left -= 1) {
        expect(await ask('127.0.0.22')).toMatchObject({
          status: 200,
          headers: { ratelimit: expect.stringContaining(`r=${left}`) },
        });
      }
      const refused = await ask('127.0.0.22');
      expectProblem(refused, 429, 'rate-limited');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expectProblem(await ask('127.0.0.22', { 'x-forwarded-for': '127.0.0.99' }), 429, 'rate-limited');
      expect((await ask('127.0.0.23')).status).toBe(200);
      await eventually('the log names the client', () => limited.log().includes('"client":"127.0.0.23"'));
      expect(limited.log()).not.toContain('"client":"127.0.0.99"');
    });
  });

  test('a server that stops ends streams and sockets, finishes what was begun, and is there again after its start', async () => {
    const { id } = await submit('?runAt=1d');
    const accept = { accept: 'text/event-stream' };
    const stream = textOf(await responseOf(openThrough(proxy, `/v1/jobs/${id}/events`, { headers: accept }).end()));
    const hearer = await live();
    const waiting = call(`/v1/jobs/${id}?wait=60s`);
    const before = await bytesBelow(blobs());
    const half = openThrough(proxy, '/v1/files', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked' },
    });
    const bytes = randomFillSync(Buffer.alloc(1024 ** 2));
    half.write(bytes);
    await eventually('the server is taking it in', async () => (await bytesBelow(blobs())) > before, withinMs);
    const ended = server.end('SIGTERM');
    await stream.ended;
    expect(await hearer.closed).toBe(1001);
    expect(await waiting).toMatchObject({ status: 200 });
    expectProblem(await call('/readyz'), 503, 'shutting-down');
    expect((await call('/v1/jobs')).headers['retry-after']).toBe('5');
    half.end(bytes);
    const accepted = await answerOf(half);
    expect(accepted).toMatchObject({ status: 201, headers: { location: expect.any(String) } });
    expect(await ended).toBe(0);
    expect([502, 503]).toContain((await call('/v1/jobs')).status);
    server = await start();
    await eventually('it is there again', async () => (await call('/readyz')).status === 200, withinMs);
    const kept = await call(accepted.headers.location ?? '', { method: 'HEAD' });
    expect(kept).toMatchObject({ status: 200, headers: { 'content-length': String(2 * bytes.length) } });
  });
});

function textOf(response: IncomingMessage): { readonly text: () => string; readonly ended: Promise<unknown> } {
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return { text: () => text, ended: once(response, 'close') };
}

/** The types of events of the history in a stream. */
function eventsIn(text: string): string[] {
  return [...text.matchAll(/^event: (.*)$/gm)].flatMap(([, type = '']) => (type === 'job.progress' ? [] : [type]));
}

/** Bytes of all files below a folder. */
async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
