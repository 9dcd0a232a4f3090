import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { call, type RawAnswer } from '../support/http-server.ts';
import { type Origin, openOrigin } from '../support/origin.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

/** The exchanges that the document of WebOCR shows, by the program as it is installed, with its real OCR. */

const samples = new URL('../../src/services/ocr/samples/', import.meta.url);
const served: Readonly<Record<string, Buffer>> = {
  '/letter.jpg?as=query': readFileSync(new URL('letter.jpg', samples)),
  '/minutes.pdf': readFileSync(new URL('minutes.pdf', samples)),
  '/notes.txt': Buffer.from('plain words'),
};
const withinMs = 120_000;
// A machine under load is no failure.
vi.setConfig({ testTimeout: 2 * withinMs });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let origin: Origin;
const asked: string[] = [];
let server: Program;
let flags: string[];

beforeAll(async () => {
  folder = await temporaryFolder();
  origin = await openOrigin((request, response) => {
    asked.push(request.url ?? '');
    const bytes = served[request.url ?? ''];
    if (bytes === undefined) response.writeHead(404).end();
    else response.end(bytes);
  });
  flags = ['--workers', '1', '--allow-source', `127.0.0.1:${origin.port}`];
  server = await startProgram(folder.path, flags);
});
afterAll(async () => {
  await server.end('SIGKILL');
  await origin.close();
  await folder.remove();
});

/** As the document writes it: the server is known as localhost:1234. */
const host = { host: 'localhost:1234' };

function get(path: string): Promise<RawAnswer> {
  return call(server.url + path, { headers: host });
}

function post(
  body: string | Buffer,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<RawAnswer> {
  return call(`${server.url}/api/v1/services`, { method: 'POST', headers: { ...host, ...headers }, body });
}

/** Hands a link in and gives the address to poll. */
async function handIn(url: string): Promise<string> {
  const { status, headers } = await post(JSON.stringify({ url }));
  expect(status).toBe(202);
  return String(headers['content-location']);
}

/** Polls until the work has ended: the last answer, and the states on the way. */
async function ended(queue: string): Promise<{ answer: RawAnswer; states: string[] }> {
  const states: string[] = [];
  let answer = await get(queue);
  await eventually(
    `${queue} has ended`,
    async () => {
      answer = await get(queue);
      if (answer.status === 303) return true;
      expect(answer.status).toBe(200);
      states.push(JSON.parse(answer.body).state);
      return states.at(-1) === 'FAILED';
    },
    withinMs,
  );
  return { answer, states };
}

async function textOf(url: string): Promise<string> {
  const { answer } = await ended(await handIn(url));
  expect(answer.status).toBe(303);
  return JSON.parse((await get(String(answer.headers.location))).body).result;
}

async function failureOf(url: string): Promise<string> {
  const { answer } = await ended(await handIn(url));
  return JSON.parse(answer.body).error;
}

async function setPaused(paused: boolean): Promise<void> {
  await call(`${server.url}/v1/queues/ocr/${paused ? 'pause' : 'resume'}`, { method: 'POST' });
}

test('the exchange of the document', async () => {
  const accepted = await post('{"url":"http://localhost:1234/static/ocr/sample1.jpg"}');
  expect({ status: accepted.status, body: accepted.body }).toEqual({ status: 202, body: '' });
  const queue = String(accepted.headers['content-location']);
  expect(queue).toMatch(/^\/queue\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

  const { answer } = await ended(queue);
  expect({ status: answer.status, location: answer.headers.location, body: answer.body }).toEqual({
    status: 303,
    location: '/api/v1/service/1',
    body: '',
  });

  const service = await get('/api/v1/service/1');
  expect(service).toMatchObject({ status: 200, headers: { 'content-type': 'application/json; charset=utf-8' } });
  expect(JSON.parse(service.body)).toEqual({
    result: expect.stringMatching(/^RULES OF THE LAMP ROOM\n.*when you ask for the same one again, since we have forty\./s),
    state: 'SUCCESS',
    url: 'http://localhost:1234/static/ocr/sample1.jpg',
  });
  expect(asked).toEqual([]);
});

test.each([
  ['ocr.jpg', 'Read me'],
  ['sample2.jpg', 'Maker of lamps'],
  ['sample3.jpg', 'AFTER SEVEN'],
  ['sample4.jpg', '30 wicks, narrow'],
  ['sample5.jpg', 'Old Harbour'],
])('the sample %s is there, and its link means it by whatever name the server is asked', async (name, words) => {
  expect(await get(`/static/ocr/${name}`)).toMatchObject({ status: 200, headers: { 'content-type': 'image/jpeg' } });
  const { port } = new URL(server.url);
  const answer = await call(`${server.url}/api/v1/services`, {
    method: 'POST',
    body: JSON.stringify({ url: `http://localhost:${port}/static/ocr/${name}` }),
  });
  const { answer: end } = await ended(String(answer.headers['content-location']));
  expect(JSON.parse((await get(String(end.headers.location))).body)).toMatchObject({ result: expect.stringContaining(words) });
});

test('links to pictures, their query too, and to PDFs of several pages are fetched and read', async () => {
  expect(await textOf(`http://127.0.0.1:${origin.port}/letter.jpg?as=query`)).toContain('Your forty brass lamps have come back');
  const minutes = await textOf(`http://127.0.0.1:${origin.port}/minutes.pdf`);
  expect(minutes).toContain('Dear Captain');
  expect(minutes).toContain('Present were nine members and one cat');
});

test('while it waits and runs it is pending, with its number, in the words of Celery', async () => {
  await setPaused(true);
  const url = `http://127.0.0.1:${origin.port}/letter.jpg?as=query#again`;
  const queue = await handIn(url);
  const job = queue.slice('/queue/'.length);
  const { status, body } = await get(queue);
  const view = JSON.parse(body);
  expect({ status, view }).toEqual({
    status: 200,
    view: {
      celery_state: { 'task-id': job, state: 'PENDING' },
      service: { url },
      state: 'PENDING',
      service_id: expect.any(Number),
    },
  });
  expect(JSON.parse((await get(`/api/v1/service/${view.service_id}`)).body)).toEqual({ url, state: 'PENDING' });
  await setPaused(false);
  expect((await ended(queue)).answer.headers.location).toBe(`/api/v1/service/${view.service_id}`);
});

test.each([
  ['garbage', /http/],
  ['file:///etc/passwd', /http/],
  ['http://example.com/a.jpg; touch /tmp/x', /space/],
  ['http://10.0.0.1/a.jpg', /./],
  ['http://localhost:1234/static/ocr/../../etc/passwd', /./],
])('the link %j is taken, and the failure is told where the state is', async (url, why) => {
  const queue = await handIn(url);
  const { answer, states } = await ended(queue);
  expect(states.at(-1)).toBe('FAILED');
  const view = JSON.parse(answer.body);
  expect(view).toMatchObject({ celery_state: { state: 'FAILURE' }, service: { url }, error: expect.stringMatching(why) });
  expect(JSON.parse((await get(`/api/v1/service/${view.service_id}`)).body)).toEqual({ url, state: 'FAILED', error: view.error });
});

test('a link that leads to nothing, or to no picture, fails with its cause', async () => {
  expect(await failureOf(`http://127.0.0.1:${origin.port}/gone.jpg`)).toContain('404');
  expect(await failureOf(`http://127.0.0.1:${origin.port}/notes.txt`)).toContain('text/plain');
  // No port that was allowed.
  expect(await failureOf(`http://127.0.0.1:${origin.port + 1}/letter.jpg`)).not.toBe('');
});

test('what old pages send beside the link, and how they declare it, makes no difference', async () => {
  const body = JSON.stringify({ url: 'http://localhost:1234/static/ocr/ocr.jpg', tag: 'a:b', ports: [] });
  const { status, headers } = await post(body, { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' });
  expect(status).toBe(202);
  expect((await ended(String(headers['content-location']))).answer.status).toBe(303);
});

test.each([
  ['{"url": <b>', 400, /not valid JSON/],
  ['', 400, /not valid JSON/],
  ['{"url": "\\ud800"}', 400, /surrogate/],
  ['{}', 400, /^Missing required parameter url$/],
  ['[]', 400, /^Missing required parameter url$/],
  ['{"url": null}', 400, /url must be string/],
  ['{"url": {"$gt": ""}}', 400, /url must be string/],
  [JSON.stringify({ url: `http://example.com/${'a'.repeat(10_000)}` }), 400, /longer than/],
])('%s is refused with its reason, as JSON', async (body, status, reason) => {
  const answer = await post(body);
  expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/json; charset=utf-8' } });
  expect(JSON.parse(answer.body)).toEqual({ msg: expect.stringMatching(reason) });
});

test('what is not there is 404: a task without a body, a service with a text that is never a page', async () => {
  for (const id of ['7bc6c484-df47-4cb6-b254-17b770b52060', '01980000-0000-7000-8000-000000000000', 'my_task'])
    expect(await get(`/queue/${id}`)).toMatchObject({ status: 404, body: '' });
  for (const number of ['1234', '0', '-1', '1.5', '99999999999999999999', 'abc'])
    expect(await get(`/api/v1/service/${number}`)).toMatchObject({ status: 404, body: `Service ${number} not found` });
  expect(await get('/api/v1/service/%3Cscript%3E')).toMatchObject({
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: 'Service <script> not found',
  });
});

test('a foreign page can hand nothing in, and is told so in the old shape', async () => {
  const answer = await post('{"url":"http://example.com/a.jpg"}', { origin: 'http://evil.example' });
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.body)).toEqual({ msg: expect.stringContaining('evil.example') });
});

test('the list holds all of them in the order of their numbers, wrapped in an object; they are jobs like any others', async () => {
  const { services } = JSON.parse((await get('/api/v1/services')).body);
  expect(JSON.parse((await get('/api/v1/services/')).body)).toEqual({ services });
  const singly = await Promise.all(
    services.map(async (_: unknown, at: number) => JSON.parse((await get(`/api/v1/service/${at + 1}`)).body)),
  );
  expect(services).toEqual(singly);
  const states = new Set(services.map(({ state }: { state: string }) => state));
  expect(states).toEqual(new Set(['SUCCESS', 'FAILED']));
  const jobs = JSON.parse((await get('/v1/jobs?label.dropin=webocr&limit=100')).body);
  expect(jobs.items.length).toBeGreaterThan(5);
  expect(new Set(jobs.items.map(({ service }: { service: string }) => service))).toEqual(new Set(['ocr']));
});

test('many at once have numbers of their own, in one row', async () => {
  const before = JSON.parse((await get('/api/v1/services')).body).services.length;
  const queues = await Promise.all(Array.from({ length: 20 }, (_, at) => handIn(`no link ${at}`)));
  const views = await Promise.all(queues.map(async (queue) => JSON.parse((await get(queue)).body)));
  const numbers = views.map(({ service_id }) => service_id).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, at) => before + 1 + at));
});

interface Listener {
  readonly socket: WebSocket;
  readonly told: string[];
}

async function listen(localAddress: string): Promise<Listener> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/websocket`, { localAddress });
  const told: string[] = [];
  socket.on('message', (data) => told.push(String(data)));
  await once(socket, 'open');
  return { socket, told };
}

test('each client is told over its WebSocket how its own work ended, and not how that of others did', async () => {
  const own = await listen('127.0.0.1');
  const alsoOwn = await listen('127.0.0.1');
  const other = await listen('127.0.0.2');
  own.socket.send('whatever it says');
  // Known already: it ends in the very commit that makes it.
  await handIn('http://localhost:1234/static/ocr/sample1.jpg');
  await eventually('it is told of the success', () => own.told.length === 1, withinMs);
  await handIn('garbage');
  await eventually('it is told of the link', () => own.told.length === 2, withinMs);
  await handIn(`http://127.0.0.1:${origin.port}/notes.txt`);
  await eventually('it is told of the failure', () => own.told.length === 3 && alsoOwn.told.length === 3, withinMs);
  expect([own.told, alsoOwn.told, other.told]).toEqual([
    ['Done!', 'Deploy failed!', 'Deploy failed!'],
    ['Done!', 'Deploy failed!', 'Deploy failed!'],
    [],
  ]);
  for (const { socket } of [own, alsoOwn, other]) socket.terminate();
});

test('a server that is killed goes on where it was: the same addresses, the same numbers, and the text', async () => {
  await setPaused(true);
  const letter = `http://127.0.0.1:${origin.port}/letter.jpg?as=query`;
  const queues = await Promise.all([handIn(letter), handIn('http://localhost:1234/static/ocr/sample5.jpg'), handIn('garbage')]);
  const numberOf = async (queue: string) => {
    const { status, headers, body } = await get(queue);
    return status === 303 ? Number(String(headers.location).split('/').at(-1)) : JSON.parse(body).service_id;
  };
  const numbers = await Promise.all(queues.map(numberOf));
  const { port } = new URL(server.url);
  await server.end('SIGKILL');
  server = await startProgram(folder.path, [...flags, '--port', port]);
  const socket = await listen('127.0.0.1');
  expect(await Promise.all(queues.map(numberOf))).toEqual(numbers);
  await setPaused(false);
  const { answer } = await ended(queues[0] ?? '');
  expect(answer.headers.location).toBe(`/api/v1/service/${numbers[0]}`);
  expect(JSON.parse((await get(`/api/v1/service/${numbers[0]}`)).body)).toMatchObject({ url: letter, state: 'SUCCESS' });
  await eventually('who came again after the restart is told', () => socket.told.includes('Done!'), withinMs);
  socket.socket.terminate();
  const next = JSON.parse((await get(await handIn('no link'))).body).service_id;
  expect(next).toBe(Math.max(...numbers) + 1);
});

test('a job whose server died before it had a number gets one when it is asked for, and only one', async () => {
  const submitted = await call(`${server.url}/v1/ocr?label.dropin=webocr&outputs=text&name=left.jpg`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg' },
    body: served['/letter.jpg?as=query'] ?? Buffer.alloc(0),
  });
  const { id } = JSON.parse(submitted.body);
  await Promise.all(Array.from({ length: 8 }, () => get(`/queue/${id}`)));
  const locations = new Set<unknown>();
  for (let ask = 0; ask < 3; ask += 1) locations.add((await ended(`/queue/${id}`)).answer.headers.location);
  expect(locations.size).toBe(1);
  expect(JSON.parse((await get(String([...locations][0]))).body)).toMatchObject({
    state: 'SUCCESS',
    url: '/static/ocr/left.jpg',
  });
  const other = await call(`${server.url}/v1/ocr?outputs=text`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg' },
    body: served['/letter.jpg?as=query'] ?? Buffer.alloc(0),
  });
  expect(await get(`/queue/${JSON.parse(other.body).id}`)).toMatchObject({ status: 404, body: '' });
});

test('a job that is deleted takes its number along, which is never given again', async () => {
  const queue = await handIn('http://localhost:1234/static/ocr/sample2.jpg');
  const location = String((await ended(queue)).answer.headers.location);
  expect(await call(`${server.url}/v1/jobs/${queue.slice('/queue/'.length)}`, { method: 'DELETE' })).toMatchObject({
    status: 204,
  });
  expect(await get(queue)).toMatchObject({ status: 404 });
  expect(await get(location)).toMatchObject({ status: 404, body: `Service ${location.split('/').at(-1)} not found` });
  const next = String((await ended(await handIn('http://localhost:1234/static/ocr/sample2.jpg'))).answer.headers.location);
  expect(Number(next.split('/').at(-1))).toBe(Number(location.split('/').at(-1)) + 1);
});

test('a text that is no longer kept is a failure that says so, at every address', async () => {
  const shortLived = await temporaryFolder();
  const soonGone = await startProgram(shortLived.path, ['--workers', '1', '--result-retention', '1ms']);
  try {
    const url = `${soonGone.url}/static/ocr/ocr.jpg`;
    const send = () => call(`${soonGone.url}/api/v1/services`, { method: 'POST', body: JSON.stringify({ url }) });
    const queue = String((await send()).headers['content-location']);
    const ask = (path: string) => call(soonGone.url + path);
    await eventually('it has succeeded', async () => (await ask(queue)).status === 303, withinMs);
    // What is past its time goes when anything is removed, or within a minute.
    const other = String((await send()).headers['content-location']);
    await call(`${soonGone.url}/v1/jobs/${other.slice('/queue/'.length)}`, { method: 'DELETE' });
    await eventually('the text is gone', async () => (await ask(queue)).status === 200, withinMs);
    const gone = { url, state: 'FAILED', error: 'The text is no longer kept. Hand the link in again.' };
    expect(JSON.parse((await ask(queue)).body)).toMatchObject({ state: 'FAILED', error: gone.error, service_id: 1 });
    expect(JSON.parse((await ask('/api/v1/service/1')).body)).toEqual(gone);
    expect(JSON.parse((await ask('/api/v1/services')).body)).toEqual({ services: [gone] });
  } finally {
    await soonGone.end('SIGKILL');
    await shortLived.remove();
  }
});

test('a server that is killed amid many requests gives no number twice, and forgets none that it told', async () => {
  await setPaused(true);
  const told: string[] = [];
  const sending = Array.from({ length: 60 }, async (_, at) => {
    const { status, headers } = await post(
      JSON.stringify({ url: `http://127.0.0.1:${origin.port}/letter.jpg?as=query&n=${at}` }),
    );
    if (status === 202) told.push(String(headers['content-location']));
  });
  const sent = Promise.allSettled(sending);
  await eventually('some are told', () => told.length >= 10, withinMs);
  const { port } = new URL(server.url);
  await server.end('SIGKILL');
  await sent;
  server = await startProgram(folder.path, [...flags, '--port', port]);
  const { items } = JSON.parse((await get('/v1/jobs?label.dropin=webocr&state=queued&limit=200')).body);
  const queues = items.map(({ id }: { id: string }) => `/queue/${id}`);
  expect(queues).toEqual(expect.arrayContaining(told));
  const numbers = await Promise.all(queues.map(async (queue: string) => JSON.parse((await get(queue)).body).service_id));
  expect(new Set(numbers).size).toBe(queues.length);
  const views = await Promise.all(numbers.map(async (number) => JSON.parse((await get(`/api/v1/service/${number}`)).body)));
  expect(new Set(views.map(({ url }) => url)).size).toBe(queues.length);
});
