import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { call, type RawAnswer } from '../support/http-server.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

/** The exchanges of the ISDe document, by the program as it is installed, with the model that comes with it. */

const chart = readFileSync(new URL('../../src/services/classifications/samples/chart.png', import.meta.url));
const withinMs = 120_000;
// A machine under load is no failure.
vi.setConfig({ testTimeout: 2 * withinMs });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;
const flags = ['--workers', '1'];

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startProgram(folder.path, flags);
});
afterAll(async () => {
  await server.end('SIGKILL');
  await folder.remove();
});

const get = (path: string, headers: Record<string, string> = {}) => call(server.url + path, { headers });

interface Form {
  readonly cookie: string;
  readonly token: string;
}

/** What a client that is no browser does: it keeps the cookie, and finds the token where the form has it. */
function formOf({ headers, body }: RawAnswer): Form {
  const cookie = String(headers['set-cookie']?.[0]).split(';', 1)[0] ?? '';
  const token = /name="csrf_token" type="hidden" value="([^"]+)"/.exec(body)?.[1] ?? '';
  return { cookie, token };
}

async function openForm(): Promise<Form> {
  return formOf(await get('/classifications'));
}

function submit(
  { cookie, token }: Form,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  return call(`${server.url}/classifications`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ csrf_token: token, submit: 'Submit', ...fields }).toString(),
  });
}

async function upload(
  { cookie, token }: Form,
  file: Blob,
  name: string,
  fields: Record<string, string> = {},
): Promise<RawAnswer> {
  const form = new FormData();
  for (const [field, value] of Object.entries({ csrf_token: token, model: 'kinds', ...fields })) form.append(field, value);
  form.append('file', file, name);
  form.append('submit', 'Submit');
  const answer = await fetch(`${server.url}/classifications`, { method: 'POST', headers: { cookie }, body: form });
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
}

const jobOf = ({ body }: RawAnswer) => /<script [^>]*id="polling" jobid="([0-9a-f-]{36})">/.exec(body)?.[1] ?? 'none';

interface Status {
  readonly task_status: string;
  readonly data: readonly (readonly [string, number])[] | null;
  readonly error?: string;
}

async function statusOf(job: string): Promise<Status> {
  const { status, body } = await get(`/classifications/${job}`);
  expect(status).toBe(200);
  return JSON.parse(body);
}

/** Polls as the page does: the states on the way, and the last answer. */
async function polled(job: string): Promise<Status> {
  let last = await statusOf(job);
  await eventually(
    `${job} has ended`,
    async () => {
      last = await statusOf(job);
      return !['queued', 'started'].includes(last.task_status);
    },
    withinMs,
  );
  return last;
}

async function setPaused(paused: boolean): Promise<void> {
  await call(`${server.url}/v1/queues/classifications/${paused ? 'pause' : 'resume'}`, { method: 'POST' });
}

test('the models and images that there are', async () => {
  const { status, headers, body } = await get('/info');
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json; charset=utf-8' });
  expect(JSON.parse(body)).toEqual({
    models: ['kinds'],
    images: expect.arrayContaining(['chart.png', 'table.png', 'harbour.jpg', 'letter.jpg', 'receipt.png']),
  });
});

test('the exchange of the document: the form, the ticket, the poll, the five scores in percent', async () => {
  const form = await openForm();
  const page = await submit(form, { model: 'kinds', image: 'chart.png' });
  expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
  expect(page.body).toContain('<img id="picture" src="/v1/services/classifications/samples/chart.png" alt="chart.png">');
  const { task_status, data } = await polled(jobOf(page));
  expect(task_status).toBe('finished');
  expect(data).toHaveLength(5);
  expect(data?.[0]).toEqual(['chart', expect.any(Number)]);
  const percents = data?.map(([, percent]) => percent) ?? [];
  expect(percents).toEqual(percents.toSorted((a, b) => b - a));
  expect(percents[0]).toBeGreaterThan(50);
  expect(percents.reduce((sum, percent) => sum + percent)).toBeLessThanOrEqual(100.001);
  expect(await get('/v1/services/classifications/samples/chart.png')).toMatchObject({ status: 200 });
});

test('while it waits there is no data; what is canceled says so', async () => {
  await setPaused(true);
  const job = jobOf(await submit(await openForm(), { model: 'kinds', image: 'harbour.jpg' }));
  expect(await statusOf(job)).toEqual({ task_status: 'queued', data: null });
  await call(`${server.url}/v1/jobs/${job}/cancel`, { method: 'POST' });
  expect(await statusOf(job)).toEqual({ task_status: 'canceled', data: null, error: 'The job was canceled.' });
  await setPaused(false);
});

test('a picture of the visitor is classified, whichever image is selected, and an empty field is none', async () => {
  const form = await openForm();
  const page = await upload(form, new Blob([chart]), 'mine & <yours>.png', { image: 'letter.jpg' });
  expect(page.status).toBe(200);
  expect(page.body).toContain('<h1>mine &amp; &lt;yours&gt;.png</h1>');
  const shown = /<img id="picture" src="([^"]+)"/.exec(page.body)?.[1] ?? '';
  expect(shown).toMatch(/^\/v1\/files\//);
  expect(await get(shown)).toMatchObject({ status: 200, headers: { 'content-type': 'image/png' } });
  expect((await polled(jobOf(page))).data?.[0]?.[0]).toBe('chart');
  const unchosen = await upload(form, new Blob([]), '', { image: 'chart.png' });
  expect(unchosen.body).toContain('<h1>chart.png</h1>');
});

test('a picture that cannot be decoded fails, and the status says why', async () => {
  const cut = chart.subarray(0, 2_000);
  const page = await upload(await openForm(), new Blob([cut]), 'cut.png');
  const status = await polled(jobOf(page));
  expect(status).toEqual({ task_status: 'failed', data: null, error: expect.stringMatching(/\w+ \w+/) });
});

test.each([
  ['an unknown model', { model: 'resnet18', image: 'chart.png' }, 'This is not one of the models that are installed.'],
  ['an unknown image', { model: 'kinds', image: '../../etc/passwd' }, 'This is not one of the pictures that are here.'],
  ['no choice at all', {}, 'This is not one of the pictures that are here.'],
])('%s: the form again, which says what is wrong', async (_, fields, problem) => {
  const page = await submit(await openForm(), fields);
  expect(page.status).toBe(422);
  expect(page.body).toContain(`role="alert">${problem}</p>`);
  expect(formOf(page).token).not.toBe('');
});

test.each<[string, Blob, string, number, RegExp]>([
  ['words', new Blob(['plain words']), 'notes.txt', 415, /text\/plain/],
  ['an empty file', new Blob([]), 'empty.png', 422, /no bytes/],
])('%s instead of a picture: the form again, nothing is stored', async (_, file, name, status, problem) => {
  const before = JSON.parse((await get('/v1/storage')).body);
  const page = await upload(await openForm(), file, name, { image: 'chart.png' });
  expect(page.status).toBe(status);
  expect(page.body).toMatch(new RegExp(`id="file-problem" role="alert">[^<]*${problem.source}`));
  expect(JSON.parse((await get('/v1/storage')).body).files).toEqual(before.files);
});

test('a form without its token, with that of another browser or of no one, is not taken', async () => {
  const [own, other] = [await openForm(), await openForm()];
  expect(own.token).not.toBe(other.token);
  const fields = { model: 'kinds', image: 'chart.png' };
  const before = JSON.parse((await get('/v1/jobs?limit=1')).body).items[0].id;
  for (const form of [
    { ...own, token: other.token },
    { ...own, token: '' },
    { ...own, cookie: '' },
    { cookie: 'a=b', token: 'c' },
  ]) {
    const page = await submit(form, fields);
    expect(page.status).toBe(403);
    expect(page.body).toContain('send it once more');
  }
  expect((await upload({ ...own, token: other.token }, new Blob([chart]), 'a.png')).status).toBe(403);
  expect(JSON.parse((await get('/v1/jobs?limit=1')).body).items[0].id).toBe(before);
  // What it is given with the refusal is good.
  const refused = await submit({ ...own, token: other.token }, fields);
  expect((await submit(formOf(refused), fields)).status).toBe(200);
});

test('a page of another origin sends nothing, whatever it has; nor does anything that is no form', async () => {
  const form = await openForm();
  const foreign = await submit(
    form,
    { model: 'kinds', image: 'chart.png' },
    { origin: 'http://evil.example', accept: 'text/html' },
  );
  expect(foreign).toMatchObject({ status: 403, headers: { 'content-type': 'text/html; charset=utf-8' } });
  expect(foreign.body).toContain('evil.example');
  const json = await submit(form, {}, { 'content-type': 'application/json' });
  expect([json.status, JSON.parse(json.body)]).toEqual([415, { error: expect.stringContaining('multipart/form-data') }]);
  const large = await submit(form, { model: 'a'.repeat(100_000), image: 'chart.png' });
  expect(large.status).toBe(413);
});

test('what is no classification is 404, as JSON or as a page', async () => {
  const other = await call(`${server.url}/v1/thumbnails`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: chart,
  });
  const ids = ['01980000-0000-7000-8000-000000000000', 'nothing', JSON.parse(other.body).id];
  for (const id of ids) {
    const { status, body } = await get(`/classifications/${id}`);
    expect([status, JSON.parse(body)]).toEqual([404, { error: 'There is no classification with this id.' }]);
  }
  const page = await get('/classifications/%3Cscript%3E', { accept: 'text/html' });
  expect(page).toMatchObject({ status: 404, headers: { 'content-type': 'text/html; charset=utf-8' } });
  expect(page.body).not.toContain('<script>');
});

test('scores that are no longer kept are told apart from those that never were', async () => {
  const shortLived = await temporaryFolder();
  const soonGone = await startProgram(shortLived.path, [...flags, '--result-retention', '1ms']);
  try {
    const submitted = await call(`${soonGone.url}/v1/classifications`, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: chart,
    });
    const { id } = JSON.parse(submitted.body);
    const ask = (path: string) => call(soonGone.url + path);
    await eventually('it has ended', async () => /succeeded/.test((await ask(`/v1/jobs/${id}?wait=10s`)).body), withinMs);
    // What is past its time goes when anything is removed, or within a minute.
    const removed = JSON.parse(
      (
        await call(`${soonGone.url}/v1/classifications`, {
          method: 'POST',
          headers: { 'content-type': 'image/png' },
          body: chart,
        })
      ).body,
    );
    await call(`${soonGone.url}/v1/jobs/${removed.id}`, { method: 'DELETE' });
    await eventually('the scores are gone', async () => (await ask(`/classifications/${id}`)).status !== 200, withinMs);
    expect(await ask(`/classifications/${id}`)).toMatchObject({ status: 410, body: expect.stringContaining('was kept until') });
  } finally {
    await soonGone.end('SIGKILL');
    await shortLived.remove();
  }
});

test('a ticket outlives the server, a form does not', async () => {
  await setPaused(true);
  const form = await openForm();
  const fields = { model: 'kinds', image: 'receipt.png' };
  const job = jobOf(await submit(form, fields));
  const { port } = new URL(server.url);
  await server.end('SIGKILL');
  server = await startProgram(folder.path, [...flags, '--port', port]);
  expect(await statusOf(job)).toEqual({ task_status: 'queued', data: null });
  const late = await submit(form, fields);
  expect(late.status).toBe(403);
  expect(late.body).toContain('<option value="receipt.png" data-address="/v1/services/ocr/samples/receipt.png" selected>');
  await setPaused(false);
  expect(await polled(job)).toMatchObject({ task_status: 'finished', data: expect.any(Array) });
});

test('where older services are not wanted there is nothing at their paths, and ours are as ever', async () => {
  const bare = await temporaryFolder();
  const without = await startProgram(bare.path, [...flags, '--dropin', 'none']);
  try {
    for (const path of ['/info', '/classifications', '/queue/x', '/api/v1/services', '/static/ocr/sample1.jpg'])
      expect(await call(without.url + path)).toMatchObject({
        status: 404,
        headers: { 'content-type': 'application/problem+json' },
      });
    expect(await call(`${without.url}/v1/classifications`, { method: 'POST', body: chart })).toMatchObject({ status: 202 });
  } finally {
    await without.end('SIGKILL');
    await bare.remove();
  }
});
