import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Call, call, exchange, openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { onePixelPng } from '../../test/support/pictures.ts';
import { thumbnails } from '../services/thumbnails/thumbnails.ts';

const uploadBytesMax = 2_000_000;

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ services: [thumbnails], settings: { uploadBytesMax } });
});
afterAll(() => server.closeAll());

const boundary = 'bbbb';
const formHeaders = { 'content-type': `multipart/form-data; boundary=${boundary}` };
const part = (headers: string, content: string | Buffer) =>
  Buffer.concat([Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')]);
const filePart = (content: string | Buffer, name = 'a.png') =>
  part(`Content-Disposition: form-data; name="file"; filename="${name}"`, content);
const fieldPart = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);
const form = (...parts: Buffer[]): Call => ({
  method: 'POST',
  headers: formHeaders,
  body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
});
const json = (value: unknown, headers: Record<string, string> = {}): Call => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value),
});
const raw = (body: Buffer | string, headers: Record<string, string> = {}): Call => ({
  method: 'POST',
  headers: { 'content-type': 'image/png', ...headers },
  body,
});
const png = onePixelPng.toString('base64');
const job = (more: object) => json({ source: { base64: png }, ...more });
const wideScreen = (width: number, height: number) => {
  const picture = Buffer.from(onePixelPng);
  picture.writeUInt32BE(width, 16);
  picture.writeUInt32BE(height, 20);
  return picture;
};
const gif = (frames: number) => {
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([
    Buffer.from('GIF89a\x01\0\x01\0\0\0\0', 'latin1'),
    ...Array.from({ length: frames }, () => frame),
    Buffer.from(';'),
  ]);
};
const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const digest = { 'content-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:` };
const id = '01234567-89ab-7def-8123-456789abcdef';

/** What is sent (`/v1/thumbnails` unless a path is given), and the problem that it must be answered with. */
const rows: [name: string, sent: Call, status: number, problem: string, path?: string][] = [
  ['an empty body', raw(''), 422, 'empty-file'],
  ['an empty file in a form', form(filePart('')), 422, 'empty-file'],
  [
    'a form without boundary',
    { ...form(filePart(onePixelPng)), headers: { 'content-type': 'multipart/form-data' } },
    400,
    'malformed-multipart',
  ],
  ['a form cut off', { method: 'POST', headers: formHeaders, body: filePart(onePixelPng) }, 400, 'malformed-multipart'],
  ['10,001 fields', form(...Array.from({ length: 10_001 }, (_, n) => fieldPart(`f${n}`, 'x'))), 413, 'too-many-parts'],
  ['1,001 files', form(...Array.from({ length: 1_001 }, () => filePart(onePixelPng))), 413, 'too-many-parts'],
  [
    'part headers of 64 kB',
    form(part(`Content-Disposition: form-data; name="file"; filename="a"\r\nX: ${'x'.repeat(65_536)}`, onePixelPng)),
    400,
    'malformed-multipart',
  ],
  ['two files', form(filePart(onePixelPng), filePart(onePixelPng)), 422, 'validation-error'],
  ['a form without file', form(fieldPart('width', '1')), 422, 'validation-error'],
  ['a file name of 300 characters', form(filePart(onePixelPng, 'x'.repeat(300))), 422, 'validation-error'],
  ['a file name with NUL', form(filePart(onePixelPng, 'a\0b')), 422, 'validation-error'],
  ['a file name with a line break', form(filePart(onePixelPng, 'a%0D%0Ab')), 422, 'validation-error'],
  ['a file name that runs backwards', form(filePart(onePixelPng, 'a\u202egnp.exe')), 422, 'validation-error'],
  ['a file name of dots', form(filePart(onePixelPng, '...')), 422, 'validation-error'],
  ['one byte over the limit', raw(Buffer.alloc(uploadBytesMax + 1)), 413, 'payload-too-large'],
  [
    'a chunked body over the limit',
    {
      method: 'POST',
      headers: { 'content-type': 'image/png', 'transfer-encoding': 'chunked' },
      body: Buffer.concat([onePixelPng, Buffer.alloc(uploadBytesMax)]),
    },
    413,
    'payload-too-large',
  ],
  [
    'a gzip bomb',
    raw(gzipSync(Buffer.concat([onePixelPng, Buffer.alloc(uploadBytesMax * 2)])), { 'content-encoding': 'gzip' }),
    413,
    'payload-too-large',
  ],
  ['bytes that are no gzip', raw(onePixelPng, { 'content-encoding': 'gzip' }), 400, 'bad-request'],
  ['an unknown encoding', raw(onePixelPng, { 'content-encoding': 'br' }), 415, 'unsupported-media-type'],
  ['HTML declared as a picture', raw('<!doctype html><script>1</script>'), 415, 'unsupported-media-type'],
  ['a ZIP declared as a picture', raw(Buffer.from(`PK\x03\x04${'\0'.repeat(60)}`, 'latin1')), 415, 'unsupported-media-type'],
  ['one byte', raw('x'), 415, 'unsupported-media-type'],
  ['zeros', raw(Buffer.alloc(1000)), 415, 'unsupported-media-type'],
  ['16384 x 16384 pixels', raw(wideScreen(16_384, 16_384)), 413, 'media-limits-exceeded'],
  [
    '16383 x 16383 pixels',
    json({ source: { base64: wideScreen(16_383, 16_383).toString('base64') } }),
    413,
    'media-limits-exceeded',
  ],
  ['a GIF of 1,001 frames', raw(gif(1_001)), 413, 'media-limits-exceeded'],
  ['another digest', raw(onePixelPng, digest), 422, 'digest-mismatch'],
  ['a trailing comma', json('{"source":{},}'), 400, 'malformed-json'],
  ['UTF-16', json(Buffer.from('{"source":1}', 'utf16le')), 400, 'malformed-json'],
  ['half a surrogate pair', json('{"source":{"base64":"","name":"\\ud800"}}'), 400, 'malformed-json'],
  ['a byte order mark', json('\ufeff{}'), 400, 'malformed-json'],
  ['nesting of 10,000', json(`{"options":${deep(10_000)}}`), 400, 'malformed-json'],
  ['a number beyond all doubles', json('{"priority":1e999}'), 400, 'malformed-json'],
  ['megabytes of names', json(`{${Array.from({ length: 150_000 }, (_, n) => `"k${n}":0`).join(',')}}`), 400, 'malformed-json'],
  ['a name twice', json('{"priority":1,"priority":2}'), 400, 'malformed-json'],
  ['__proto__', json('{"options":{"__proto__":{"width":1}}}'), 400, 'malformed-json'],
  ['constructor', json('{"constructor":{"prototype":{}}}'), 400, 'malformed-json'],
  ['an array', json('[]'), 422, 'validation-error'],
  ['no source', json('{}'), 422, 'validation-error'],
  ['a source of two kinds', json({ source: { file: id, base64: png } }), 422, 'validation-error'],
  ['text that is no base64', json({ source: { base64: '%%%%' } }), 400, 'malformed-base64'],
  ['a file that is not there', json({ source: { file: id } }), 404, 'not-found'],
  ['an unknown member', job({ owner_id: 1, status: 'done' }), 422, 'validation-error'],
  ['null for options', job({ options: null }), 422, 'validation-error'],
  ['width 0', job({ options: { width: 0 } }), 422, 'validation-error'],
  ['width -1', job({ options: { width: -1 } }), 422, 'validation-error'],
  ['width 1.5', job({ options: { width: 1.5 } }), 422, 'validation-error'],
  ['width 1e9', job({ options: { width: 1e9 } }), 422, 'validation-error'],
  ['width as text', job({ options: { width: '100' } }), 422, 'validation-error'],
  ['an option twice in the address', raw(onePixelPng), 422, 'validation-error', '/v1/thumbnails?width=1&width=2'],
  ['an unknown option in the address', raw(onePixelPng), 422, 'validation-error', '/v1/thumbnails?hight=1'],
  ['a priority beyond the limit', job({ priority: 101 }), 422, 'validation-error'],
  ['runAt in the year 9999', job({ runAt: '9999-01-01T00:00:00Z' }), 422, 'validation-error'],
  ['a deadline that has passed', job({ deadline: '2001-01-01T00:00:00Z' }), 422, 'validation-error'],
  ['the 31st of February', job({ runAt: '2027-02-31T00:00:00Z' }), 422, 'validation-error'],
  [
    'too many labels',
    job({ labels: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`l${n}`, ''])) }),
    422,
    'validation-error',
  ],
  ['an empty idempotency key', raw(onePixelPng, { 'idempotency-key': '' }), 400, 'invalid-idempotency-key'],
  ['an idempotency key of 256', raw(onePixelPng, { 'idempotency-key': 'x'.repeat(256) }), 400, 'invalid-idempotency-key'],
  ['an idempotency key beyond ASCII', raw(onePixelPng, { 'idempotency-key': 'schl\u00fcssel' }), 400, 'invalid-idempotency-key'],
  ['an unknown service', raw(onePixelPng), 404, 'not-found', '/v1/nothing'],
  ['an id that is none', {}, 404, 'not-found', '/v1/jobs/1'],
  ['an id that climbs', {}, 404, 'not-found', '/v1/jobs/..%2f..%2fetc'],
  ['an id with NUL', {}, 404, 'not-found', '/v1/files/%00'],
  ['an id of 10 kB', {}, 404, 'not-found', `/v1/jobs/${'x'.repeat(10_000)}`],
  ['a path that cannot be decoded', {}, 400, 'bad-request', '/v1/jobs/%zz'],
  ['an unknown job', {}, 404, 'not-found', `/v1/jobs/${id}`],
  ['a forged list cursor', {}, 400, 'invalid-cursor', '/v1/jobs?cursor=abc'],
  ['limit=0', {}, 422, 'validation-error', '/v1/jobs?limit=0'],
  ['limit=-1', {}, 422, 'validation-error', '/v1/jobs?limit=-1'],
  ['limit=1e9', {}, 422, 'validation-error', '/v1/jobs?limit=1e9'],
  ['limit=NaN', {}, 422, 'validation-error', '/v1/jobs?limit=NaN'],
  ['a limit twice', {}, 422, 'validation-error', '/v1/jobs?limit=1&limit=2'],
  ['an unknown state', {}, 422, 'validation-error', '/v1/jobs?state=lost'],
  ['an unreadable wait', {}, 422, 'validation-error', `/v1/jobs/${id}?wait=long`],
  ['an unknown queue', { method: 'POST' }, 404, 'not-found', '/v1/queues/nothing/pause'],
  ['only XML accepted', { headers: { accept: 'application/xml' } }, 406, 'not-acceptable', '/v1/jobs'],
  ['the wrong method', { method: 'DELETE' }, 405, 'method-not-allowed', '/v1/jobs'],
  ['the wrong method for a service', {}, 405, 'method-not-allowed'],
  ['TRACE', { method: 'TRACE' }, 405, 'method-not-allowed', '/v1/jobs'],
  ['an unknown path', {}, 404, 'not-found', '/nothing/here'],
  ['a foreign host', { headers: { host: 'evil.example' } }, 403, 'host-not-allowed', '/v1/jobs'],
  ['a host that begins like ours', { headers: { host: '127.0.0.1.evil.example' } }, 403, 'host-not-allowed', '/v1/jobs'],
  ['a foreign origin', raw(onePixelPng, { origin: 'http://evil.example' }), 403, 'origin-not-allowed'],
  ['the origin null', raw(onePixelPng, { origin: 'null' }), 403, 'origin-not-allowed'],
];

describe('a bad input is answered with its problem', () => {
  test.each(rows)('%s', async (...[_name, sent, status, problem, path = '/v1/thumbnails']) => {
    const before = await blobs();
    const answer = await call(server.url + path, sent);
    expect(answer.body).toContain(`/problems/${problem}`);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    const told = JSON.parse(answer.body);
    expect(told).toMatchObject({
      type: `/problems/${problem}`,
      status,
      title: expect.any(String),
      detail: expect.any(String),
      instance: expect.stringMatching(/^\//),
    });
    expect(told.traceId).toBe(answer.headers['x-trace-id']);
    expect(answer.body).not.toMatch(/node_modules|\.ts:|\.js:|SELECT |at \w+ \(/);
    if (problem === 'validation-error') expect(told.errors[0].pointer).toMatch(/^#/);
    if (problem === 'method-not-allowed') expect(answer.headers.allow).toMatch(/OPTIONS/);
    expect(await blobs()).toBe(before);
  });
});

async function blobs(): Promise<number> {
  let count = 0;
  for await (const page of server.parts.blobs.older(-60_000)) count += page.length;
  return count;
}

/** Bytes on the socket and how the answer begins. */
const exchanges: readonly (readonly [name: string, bytes: string, status: number])[] = [
  [
    'Content-Length and Transfer-Encoding',
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', 400],
  ['a length with a sign', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5\r\n\r\nhello', 400],
  ['a strange transfer encoding', 'POST /v1/files HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n', 400],
  ['a folded header', 'GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n', 400],
  ['bare line feeds', 'GET / HTTP/1.1\nHost: localhost\n\n', 400],
  ['a chunk of size zz', 'POST /v1/files HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
  ['20 kB of headers', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['an address of 20 kB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
  ['NUL in a header', 'GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n', 400],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['HTTP/9.9', 'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n', 400],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['the method FOO', 'FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
  ['an expectation that nobody knows', 'GET / HTTP/1.1\r\nHost: localhost\r\nExpect: banana\r\n\r\n', 417],
  ['two hosts', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n', 400],
  ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n', 405],
];

describe('bytes that are no request of ours', () => {
  test.each(exchanges)('%s', async (_name, bytes, status) => {
    const text = await exchange(server.port, bytes, (answer) => answer.includes('}'));
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text.toLowerCase()).toContain('content-type: application/problem+json');
  });

  test('an upgrade to something unknown is ignored', async () => {
    const answer = await exchange(
      server.port,
      'GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: banana\r\n\r\n',
      (text) => text.includes('}'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test('a refused body that has not arrived yet costs no reading: the answer comes first, then the end', async () => {
  const head =
    'POST /v1/thumbnails HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 99999999999\r\n\r\n';
  const answer = await exchange(server.port, head + 'x'.repeat(100_000));
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer.toLowerCase()).toContain('connection: close');
});

test('a preflight from a foreign origin gets 204 and no permission', async () => {
  const answer = await call(`${server.url}/v1/thumbnails`, {
    method: 'OPTIONS',
    headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
  });
  expect(answer.status).toBe(204);
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('a browser is told of an error on a page', async () => {
  const answer = await call(`${server.url}/nothing%3Cscript%3E`, {
    headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
  });
  expect(answer.status).toBe(404);
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  expect(answer.body).not.toContain('<script>');
});

test.each(['../../etc/passwd', '..\\x', '/abs/x', 'C:\\dir\\x'])(
  'of the file name %s only the last part is kept',
  async (name) => {
    const answer = await call(`${server.url}/v1/files`, form(filePart(onePixelPng, name)));
    expect(answer.status).toBe(201);
    expect(JSON.parse(answer.body).name).toMatch(/^(passwd|x)$/);
  },
);
