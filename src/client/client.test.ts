import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Client, ConnectionError, createClient, ProblemError, type SubmitSource } from './client.ts';

/** What the server does with its first, second, … request; the last one stands for all that follow. */
type Behaviour = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serverThat(...behaviours: Behaviour[]): Promise<{ client: Client; seen: Seen[]; baseUrl: string }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    (behaviours[seen.length - 1] ?? behaviours.at(-1))?.(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // The server listens on a port, so its address is an object.
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { client: createClient({ baseUrl, retry: { firstDelayMs: 2, longestDelayMs: 10, attemptsMax: 4 } }), seen, baseUrl };
}

const id = '01980000-0000-7000-8000-000000000001';
const queued = { id, service: 'thumbnails', state: 'queued' };
const succeeded = { ...queued, state: 'succeeded' };

function json(status: number, value: unknown, headers: Record<string, string> = {}): Behaviour {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  };
}

function refused(status: number, slug: string, headers: Record<string, string> = {}): Behaviour {
  const body = { type: `/problems/${slug}`, title: slug, status, detail: `because ${slug}`, instance: '/x', traceId: 't1' };
  return json(status, body, { 'content-type': 'application/problem+json', ...headers });
}

const dropped: Behaviour = (request) => void request.socket.destroy();

test('a submitted file arrives as multipart with the request before it and its exact length', async () => {
  const { client, seen } = await serverThat(json(202, queued));
  const source = new Blob(['hello'], { type: 'text/plain' });
  const job = await client.submit({
    service: 'thumbnails',
    source,
    name: 'a "b"\r\n.txt',
    options: { width: 64 },
    labels: { case: 'A' },
    priority: 3,
  });
  expect(job).toEqual(queued);
  const [post] = seen;
  expect(post?.url).toBe('/v1/thumbnails');
  expect(post?.headers['content-length']).toBe(String(post?.body.length));
  const form = await new Response(new Uint8Array(post?.body ?? []), {
    headers: { 'content-type': post?.headers['content-type'] ?? '' },
  }).formData();
  expect([...form.keys()]).toEqual(['request', 'file']);
  const request = form.get('request');
  expect(JSON.parse(request instanceof Blob ? await request.text() : String(request))).toEqual({
    options: { width: 64 },
    labels: { case: 'A' },
    priority: 3,
  });
  const file = form.get('file');
  expect(file instanceof File && [await file.text(), file.type]).toEqual(['hello', 'text/plain']);
  expect(post?.body.toString()).toContain('filename="a %22b%22%0D%0A.txt"');
});

test('a file that the server has already is handed in as JSON', async () => {
  const { client, seen } = await serverThat(json(202, queued));
  await client.submit({ service: 'thumbnails', source: { file: id }, options: { width: 1 }, waitSeconds: 5, fresh: true });
  expect(JSON.parse(String(seen[0]?.body))).toEqual({ source: { file: id }, options: { width: 1 }, fresh: true });
  expect(seen[0]?.headers).toMatchObject({ 'content-type': 'application/json', prefer: 'wait=5' });
});

test.each<[string, () => SubmitSource]>([
  ['a Blob', () => new Blob([new Uint8Array(300_000)])],
  ['bytes', () => new Uint8Array(300_000)],
])('%s is sent again with the same key and the same bytes after a dropped connection, 503 and 429', async (_name, source) => {
  const { client, seen } = await serverThat(
    dropped,
    refused(503, 'shutting-down', { 'retry-after': '0' }),
    refused(429, 'rate-limited'),
    json(202, queued),
  );
  expect(await client.submit({ service: 'thumbnails', source: source() })).toEqual(queued);
  expect(seen).toHaveLength(4);
  expect(new Set(seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  expect(new Set(seen.map(({ body }) => body.toString('latin1'))).size).toBe(1);
});

test('upload progress is told up to the last byte, and starts over with the body', async () => {
  const { client } = await serverThat(dropped, json(202, queued));
  const told: [number, number | null][] = [];
  await client.submit({
    service: 'thumbnails',
    source: new Blob([new Uint8Array(500_000)]),
    onUpload: (sent, total) => told.push([sent, total]),
  });
  const last = told.at(-1);
  expect(last?.[0]).toBe(last?.[1]);
  expect(last?.[0]).toBeGreaterThan(500_000);
  expect(told.some(([sent], index) => sent < (told[index - 1]?.[0] ?? 0))).toBe(true);
});

test('a stream arrives whole, and is not sent a second time after a lost connection', async () => {
  const stream = () => new Blob(['streamed']).stream();
  const whole = await serverThat(json(202, queued));
  await whole.client.submit({ service: 'thumbnails', source: stream() });
  expect(String(whole.seen[0]?.body)).toContain('\r\n\r\nstreamed\r\n--');
  const cut = await serverThat(dropped, json(202, queued));
  await expect(cut.client.submit({ service: 'thumbnails', source: stream() })).rejects.toThrow(ConnectionError);
  expect(cut.seen).toHaveLength(1);
});

test('while the first send of a key is still being worked on, the call is repeated', async () => {
  const { client, seen } = await serverThat(refused(409, 'idempotency-in-progress'), json(200, { ...queued, state: 'canceled' }));
  expect((await client.cancel(id)).state).toBe('canceled');
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(2).fill(`POST /v1/jobs/${id}/cancel`));
});

test('a problem is thrown with its fields and not tried again', async () => {
  const { client, seen } = await serverThat(refused(409, 'job-failed'));
  const error = await client.result(id).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({
    status: 409,
    slug: 'job-failed',
    detail: 'because job-failed',
    instance: '/x',
    traceId: 't1',
    errors: [],
  });
  expect(seen).toHaveLength(1);
});

test('an answer of a proxy without a problem document keeps its status', async () => {
  const { client } = await serverThat((_request, response) => void response.writeHead(404).end('<h1>no</h1>'));
  await expect(client.job(id)).rejects.toMatchObject({ name: 'ProblemError', status: 404, type: 'about:blank', slug: null });
});

test('a Retry-After that is too far away is not waited for', async () => {
  const { client, seen } = await serverThat(refused(503, 'queue-full', { 'retry-after': '86400' }));
  await expect(client.job(id)).rejects.toMatchObject({ slug: 'queue-full', retryAfterMs: 86_400_000 });
  expect(seen).toHaveLength(1);
});

test('a server that is not there is a ConnectionError that says so', async () => {
  const { client, seen } = await serverThat(dropped);
  await expect(client.services()).rejects.toThrow(/No answer from .*\/v1\/services \(.+\); tried 4 times\./);
  expect(seen).toHaveLength(4);
});

test('an answer that is cut in its middle is asked for again', async () => {
  const cut: Behaviour = (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"id":', () => response.destroy());
  };
  const { client, seen } = await serverThat(cut, json(200, succeeded));
  expect(await client.job(id)).toEqual(succeeded);
  expect(seen).toHaveLength(2);
});

test('an aborted signal ends a call that hangs, and one that waits for its next try', async () => {
  const reason = new Error('enough');
  for (const behaviour of [() => undefined, refused(503, 'queue-full', { 'retry-after': '30' })]) {
    const controller = new AbortController();
    const { client } = await serverThat((request, response, body) => {
      behaviour(request, response, body);
      setImmediate(() => controller.abort(reason));
    });
    await expect(client.job(id, { signal: controller.signal })).rejects.toBe(reason);
  }
});

test('waiting polls until the job has ended', async () => {
  const { client, seen } = await serverThat(json(200, queued), dropped, json(200, queued), json(200, succeeded));
  expect(await client.wait(id)).toEqual(succeeded);
  expect(seen.map(({ url }) => url)).toEqual(Array(4).fill(`/v1/jobs/${id}?wait=30s`));
});

test('a download gives name, type, length and bytes', async () => {
  const { client } = await serverThat((_request, response) => {
    response.writeHead(200, {
      'content-type': 'image/png',
      'content-length': '3',
      'content-disposition': `attachment; filename="x.png"; filename*=UTF-8''%C3%A4.png`,
    });
    response.end('abc');
  });
  const download = await client.download(id);
  expect(download).toMatchObject({ name: 'ä.png', mediaType: 'image/png', bytes: 3 });
  expect(await (await download.blob()).text()).toBe('abc');
});

test('a list is asked for by service, state, label and page', async () => {
  const { client, seen } = await serverThat(json(200, { items: [queued], nextCursor: null }));
  expect(
    (await client.list({ service: 'ocr', state: 'failed', labels: { 'my case': 'A&B' }, limit: 5, cursor: 'c' })).items,
  ).toEqual([queued]);
  expect(seen[0]?.url).toBe('/v1/jobs?service=ocr&state=failed&limit=5&cursor=c&label.my+case=A%26B');
});

test('a removed job is a DELETE without an answer, and the token goes with every call', async () => {
  const { seen, baseUrl } = await serverThat((_request, response) => void response.writeHead(204).end());
  await createClient({ baseUrl: `${baseUrl}/`, token: 'cck_x' }).remove(id);
  expect(seen[0]).toMatchObject({ method: 'DELETE', url: `/v1/jobs/${id}`, headers: { authorization: 'Bearer cck_x' } });
});

test('an address that is not http is refused at once', () => {
  expect(() => createClient({ baseUrl: 'ftp://x' })).toThrow(TypeError);
});

test('many jobs go in one call, which is sent again under the same key after a lost connection', async () => {
  const items = [{ id }, { problem: { status: 422 } }];
  const { client, seen } = await serverThat(dropped, json(202, { items }));
  const jobs = [{ service: 'thumbnails', source: { file: id }, priority: 1 }, { service: 'none' }];
  expect(await client.submitMany(jobs)).toEqual(items);
  expect(JSON.parse(seen[1]?.body.toString() ?? '')).toEqual({ jobs });
  expect(seen[1]?.headers['idempotency-key']).toBe(seen[0]?.headers['idempotency-key']);
});

test('a file is uploaded for later jobs, its name with it', async () => {
  const { client, seen } = await serverThat(json(201, { id }));
  expect(await client.upload({ bytes: new Blob(['hello']), name: 'a.txt' })).toEqual({ id });
  expect(seen[0]).toMatchObject({ method: 'POST', url: '/v1/files' });
  expect(seen[0]?.body.toString()).toContain('filename="a.txt"');
  expect(seen[0]?.body.toString()).not.toContain('name="request"');
});

test('the calls for operators go where they belong', async () => {
  const { client, seen } = await serverThat(json(200, { items: [] }));
  await client.startAction({ action: 'cancel', filter: { state: 'queued' } });
  await client.action(id);
  await client.queues();
  await client.pause('thumbnails');
  await client.resume('thumbnails');
  await client.workers();
  await client.storage();
  await client.list({ createdAfter: '2026-01-01T00:00:00Z', limit: 3 });
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'POST /v1/jobs/actions',
    `GET /v1/jobs/actions/${id}`,
    'GET /v1/queues',
    'POST /v1/queues/thumbnails/pause',
    'POST /v1/queues/thumbnails/resume',
    'GET /v1/workers',
    'GET /v1/storage',
    'GET /v1/jobs?createdAfter=2026-01-01T00%3A00%3A00Z&limit=3',
  ]);
});
