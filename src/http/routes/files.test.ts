import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, openTestServer, type TestServer } from '../../../test/support/http-server.ts';
import { onePixelPng } from '../../../test/support/pictures.ts';
import { thumbnails } from '../../services/thumbnails/thumbnails.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ services: [thumbnails] });
});
afterAll(() => server.closeAll());

const bytes = Buffer.from('0123456789');
const tag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
const upload = async (body: Buffer | string, headers: Record<string, string> = {}, query = '') => {
  const answer = await call(`${server.url}/v1/files${query}`, { method: 'POST', body, headers });
  expect(answer.status).toBe(201);
  expect(answer.headers.location).toBe(JSON.parse(answer.body).links.self);
  return JSON.parse(answer.body);
};

test.each([
  ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=-2', 206, '89', 'bytes 8-9/10'],
  ['bytes=5-500', 206, '56789', 'bytes 5-9/10'],
  ['bytes=9-1', 416, '', 'bytes */10'],
  ['bytes=10-', 416, '', 'bytes */10'],
  ['bytes=0-0,2-2', 200, '0123456789', undefined],
  ['lines=1-2', 200, '0123456789', undefined],
])('the range %s of ten bytes is answered %i', async (range, status, body, contentRange) => {
  const { id } = await upload(bytes);
  const answer = await call(`${server.url}/v1/files/${id}`, { headers: { range } });
  expect(answer.status).toBe(status);
  expect(answer.headers['content-range']).toBe(contentRange);
  if (status !== 416) expect(answer.body).toBe(body);
});

test('a file is answered with its hash as strong tag, for ever, and never as a page of ours', async () => {
  const { id } = await upload(bytes, {}, '?name=K%C3%A4se%22.txt');
  const answer = await call(`${server.url}/v1/files/${id}`);
  expect(answer.headers).toMatchObject({
    etag: tag,
    'content-type': 'text/plain',
    'content-length': '10',
    'content-disposition': `attachment; filename="K_se_.txt"; filename*=UTF-8''K%C3%A4se%22.txt`,
    'x-content-type-options': 'nosniff',
    'cache-control': expect.stringMatching(/private.*immutable/),
    'content-security-policy': expect.stringContaining('sandbox'),
  });
  expect((await call(`${server.url}/v1/files/${id}`, { headers: { 'if-none-match': `"x", ${tag}` } })).status).toBe(304);
  expect((await call(`${server.url}/v1/files/${id}`, { headers: { 'if-range': '"old"', range: 'bytes=0-0' } })).status).toBe(200);
  expect((await call(`${server.url}/v1/files/${id}`, { headers: { 'if-range': tag, range: 'bytes=0-0' } })).status).toBe(206);
  const head = await call(`${server.url}/v1/files/${id}`, { method: 'HEAD' });
  expect(head).toMatchObject({ status: 200, body: '', headers: { 'content-length': '10', etag: tag } });
});

const dispositionOf = async (id: string) => (await call(`${server.url}/v1/files/${id}`)).headers['content-disposition'];

test('what was handed in is saved, not shown', async () => {
  const picture = await upload(onePixelPng);
  expect(picture).toMatchObject({ mediaType: 'image/png', picture: { width: 1, height: 1, frames: 1 } });
  expect(Object.keys(picture.picture)).toEqual(['width', 'height', 'frames']);
  expect(await dispositionOf(picture.id)).toBe('attachment');
  const drawing = await upload('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="3" height="4"/>', {
    'content-type': 'image/png',
  });
  expect(drawing.mediaType).toBe('image/svg+xml');
  expect(await dispositionOf(drawing.id)).toBe('attachment');
});

test('a picture that was made here is shown in place', async () => {
  const headers = { 'content-type': 'image/png', prefer: 'wait=20' };
  const job = JSON.parse((await call(`${server.url}/v1/thumbnails`, { method: 'POST', body: onePixelPng, headers })).body);
  expect(await dispositionOf(job.result.thumbnails[0].file)).toMatch(/^inline/);
  expect(await dispositionOf(job.source.file)).toBe('attachment');
});

test('packed bytes are unpacked, and their digest is that of what was sent', async () => {
  const packed = gzipSync(bytes);
  const digest = createHash('sha256').update(packed).digest('base64');
  const { id, sha256 } = await upload(packed, { 'content-encoding': 'gzip', 'content-digest': `sha-256=:${digest}:` });
  expect(`"${sha256}"`).toBe(tag);
  expect((await call(`${server.url}/v1/files/${id}`)).body).toBe('0123456789');
});

test('what is uploaded in many chunks comes back as it was', async () => {
  const large = randomBytes(3_000_000);
  const { id, sha256 } = await upload(large, { 'transfer-encoding': 'chunked' });
  expect(sha256).toBe(createHash('sha256').update(large).digest('hex'));
  const back = Buffer.from(await (await fetch(`${server.url}/v1/files/${id}`)).arrayBuffer());
  expect(back.equals(large)).toBe(true);
});

test('a deleted file is gone', async () => {
  const { id } = await upload(bytes);
  expect((await call(`${server.url}/v1/files/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await call(`${server.url}/v1/files/${id}`)).status).toBe(404);
});
