/** The rows of the area "http": bytes as they are on a socket, most of which no HTTP library would send. */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from '../../src/core/limits.ts';
import type { BadInput } from './bad-inputs.ts';
import type { ManualClock } from './manual-clock.ts';

export interface BytesOnTheWire extends BadInput {
  readonly sent: string | Buffer;
  /** What goes on until the answer is there; gives the way to stop it. */
  readonly meanwhile?: (socket: Socket) => () => void;
  /** What the answer must be like, apart from its status and problem. */
  readonly answer?: RegExp;
  readonly never?: RegExp;
}

const crlf = (...lines: string[]) => `${lines.join('\r\n')}\r\n`;
export const get = (target: string, ...headers: string[]) => crlf(`GET ${target} HTTP/1.1`, 'Host: localhost', ...headers, '');
export const closing = (method: string, target: string, ...headers: string[]) =>
  crlf(`${method} ${target} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers, '');
const post = (...headers: string[]) => crlf('POST /v1/files HTTP/1.1', 'Host: localhost', ...headers, '');

/** Stands behind or in the body of a request. Whoever reads the request in another way than it is meant takes it for the next one. */
const hidden = get('/livez?smuggled');
const hiddenChunk = crlf(hidden.length.toString(16), `${hidden}`, '0', '');
const chunked = 'Transfer-Encoding: chunked';
const lengthOf = (text: string) => `Content-Length: ${text.length}`;

const every = (ms: number, action: () => void) => {
  const timer = setInterval(action, ms);
  return () => clearInterval(timer);
};
export const dripping = (socket: Socket) => every(20, () => socket.write('a'));
export const bad = (row: number, input: string, sent: string | Buffer, more: Partial<BytesOnTheWire> = {}): BytesOnTheWire => ({
  row,
  input,
  sent,
  status: 400,
  problem: 'bad-request',
  ...more,
});
const notAllowed = { status: 405, problem: 'method-not-allowed' };
const ignored = { status: 200, problem: null };
const tooLate = { status: 408, problem: 'request-timeout' };

/** @param clock that of the server, which some of them move on while they are tried */
export function wireInputs(clock: ManualClock): readonly BytesOnTheWire[] {
  const drippingForMinutes = (socket: Socket) =>
    every(10, () => {
      socket.write('a');
      clock.advance(limits.connectionCheckMs);
    });
  const minutesPass = () => every(10, () => clock.advance(limits.connectionCheckMs));

  return [
    bad(99, 'Content-Length + Transfer-Encoding', `${post('Content-Length: 5', chunked)}0\r\n\r\n${hidden}`),
    bad(99, 'Transfer-Encoding + Content-Length', `${post(chunked, lengthOf(hiddenChunk))}${hiddenChunk}`),
    bad(99, 'Content-Length 0 + Transfer-Encoding', `${post('Content-Length: 0', chunked)}${hiddenChunk}`),
    bad(99, 'two Transfer-Encodings', `${post(chunked, 'Transfer-Encoding: identity')}0\r\n\r\n${hidden}`),
    bad(100, 'two different Content-Length', `${post('Content-Length: 0', lengthOf(hidden))}${hidden}`),
    bad(100, 'two different Content-Length in one header', `${post(`Content-Length: 0, ${hidden.length}`)}${hidden}`),
    bad(101, 'two equal Content-Length', `${post('Content-Length: 5', 'Content-Length: 5')}hello${hidden}`),
    bad(101, 'two equal Content-Length in one header', `${post('Content-Length: 5, 5')}hello${hidden}`),
    bad(102, 'Content-Length: +5', `${post('Content-Length: +5')}hello${hidden}`),
    bad(102, 'Content-Length: -1', `${post('Content-Length: -1')}${hidden}`),
    bad(102, 'Content-Length: 0x5', `${post('Content-Length: 0x5')}hello${hidden}`),
    bad(102, 'Content-Length: 5 5', `${post('Content-Length: 5 5')}hello${hidden}`),
    bad(102, 'an empty Content-Length', `${post('Content-Length:')}${hidden}`),
    bad(102, 'a Content-Length beyond 64 bits', `${post('Content-Length: 18446744073709551621')}hello${hidden}`),
    bad(103, 'Transfer-Encoding: xchunked', `${post('Transfer-Encoding: xchunked')}${hiddenChunk}`),
    bad(103, 'Transfer-Encoding: chunked, identity', `${post('Transfer-Encoding: chunked, identity')}${hiddenChunk}`),
    bad(103, 'Transfer-Encoding: identity', `${post('Transfer-Encoding: identity')}${hidden}`),
    bad(103, 'a vertical tab before chunked', `${post('Transfer-Encoding: \vchunked')}${hiddenChunk}`),
    bad(104, 'Content-Length : 5', `${post('Content-Length : 5')}hello${hidden}`),
    bad(104, 'Transfer-Encoding : chunked', `${post('Transfer-Encoding : chunked')}${hiddenChunk}`),
    bad(104, 'a space before the first header', `${crlf('POST /v1/files HTTP/1.1', ' Host: localhost', '')}${hidden}`),
    bad(105, 'obs-fold header', `${get('/v1/jobs', 'X: a', ' b')}${hidden}`),
    bad(105, 'obs-fold Transfer-Encoding', `${post('Transfer-Encoding:', ' chunked')}${hiddenChunk}`),
    bad(106, 'bare LF line ends', `GET /v1/jobs HTTP/1.1\nHost: localhost\n\n${hidden}`),
    bad(106, 'a bare LF in a header', `${get('/v1/jobs', 'X: a\nTransfer-Encoding: chunked')}${hidden}`),
    bad(106, 'a bare CR in a header', `${get('/v1/jobs', 'X: a\rTransfer-Encoding: chunked')}${hidden}`),
    bad(106, 'a bare LF behind the size of a chunk', `${post(chunked)}5\nhello\r\n0\r\n\r\n${hidden}`),
    bad(106, 'a bare LF in an extension of a chunk', `${post(chunked)}5;\nhello\r\n0\r\n\r\n${hidden}`),
    bad(107, 'chunk size zz', `${post(chunked)}zz\r\n${hidden}`),
    bad(107, 'chunk size of 17 hex digits', `${post(chunked)}10000000000000005\r\nhello\r\n0\r\n\r\n${hidden}`),
    bad(107, 'chunk size -5', `${post(chunked)}-5\r\nhello\r\n0\r\n\r\n${hidden}`),
    bad(107, 'chunk size 0x5', `${post(chunked)}0x5\r\nhello\r\n0\r\n\r\n${hidden}`),
    bad(107, 'a chunk longer than its size', `${post(chunked)}1\r\nhello\r\n0\r\n\r\n${hidden}`),
    bad(108, '20 kB chunk extension', `${post(chunked)}5;${'x'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n${hidden}`, {
      status: 413,
      problem: 'payload-too-large',
    }),
    ...(['X: x', 'Cookie: a=', 'Host: '] as const).map((header) =>
      bad(109, `20 kB header ${header}`, `${get('/v1/jobs', header + 'x'.repeat(20_000))}${hidden}`, {
        status: 431,
        problem: 'request-header-fields-too-large',
      }),
    ),
    bad(109, '10,000 headers', `${get('/v1/jobs', ...Array.from({ length: 10_000 }, (_, n) => `X${n}: x`))}${hidden}`, {
      status: 431,
      problem: 'request-header-fields-too-large',
    }),
    bad(109, '20 kB URL', `${get(`/${'x'.repeat(20_000)}`)}${hidden}`, {
      status: 431,
      problem: 'request-header-fields-too-large',
    }),
    bad(110, 'NUL in header value', `${get('/v1/jobs', 'X: a\0b')}${hidden}`),
    bad(110, 'NUL in header name', `${get('/v1/jobs', 'X\0: a')}${hidden}`),
    bad(110, 'NUL in the path', `${get('/v1/jobs\0')}${hidden}`),
    bad(111, 'no Host', crlf('GET /v1/jobs HTTP/1.1', 'Connection: close', '')),
    bad(112, 'HTTP/9.9', `${crlf('GET /v1/jobs HTTP/9.9', 'Host: localhost', '')}${hidden}`),
    bad(112, 'TLS hello', Buffer.concat([Buffer.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), Buffer.alloc(508, 7)])),
    bad(112, 'HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'),
    bad(112, 'HTTP/0.9', 'GET /v1/jobs\r\n\r\n'),
    bad(113, 'method FOO', `${crlf('FOO /v1/jobs HTTP/1.1', 'Host: localhost', '')}${hidden}`),
    bad(113, 'method get', `${crlf('get /v1/jobs HTTP/1.1', 'Host: localhost', '')}${hidden}`),
    bad(114, 'Expect: banana', get('/v1/jobs', 'Connection: close', 'Expect: banana'), {
      status: 417,
      problem: 'expectation-failed',
    }),
    bad(114, 'Expect: banana, and a body', `${post('Expect: banana', lengthOf(hidden))}${hidden}`, {
      status: 417,
      problem: 'expectation-failed',
    }),
    bad(115, 'header drip slower than the timeout', 'GET /v1/jobs HTTP/1.1\r\nX: ', { ...tooLate, meanwhile: dripping }),
    bad(115, 'nothing at all', '', { ...tooLate, meanwhile: () => () => {} }),
    bad(115, 'body drip slower than the timeout', `${post('Content-Length: 100000')}a`, {
      ...tooLate,
      meanwhile: drippingForMinutes,
    }),
    bad(115, 'chunk drip slower than the timeout', `${post(chunked)}186a0\r\na`, { ...tooLate, meanwhile: drippingForMinutes }),
    bad(116, 'body shorter than Content-Length', `${post('Content-Length: 6')}hello`, { ...tooLate, meanwhile: minutesPass }),
    bad(116, 'body without its last chunk', `${post(chunked)}5\r\nhello\r\n`, { ...tooLate, meanwhile: minutesPass }),
    bad(117, 'two Host headers', crlf('GET /v1/jobs HTTP/1.1', 'Host: localhost', 'Host: evil.example', 'Connection: close', '')),
    bad(
      117,
      'two equal Host headers',
      crlf('GET /livez HTTP/1.1', 'Host: localhost', 'host: localhost', 'Connection: close', ''),
    ),
    bad(118, 'CONNECT', `${crlf('CONNECT evil.example:443 HTTP/1.1', 'Host: evil.example:443', '')}${hidden}`, {
      ...notAllowed,
      answer: /\r\nallow: /i,
    }),
    bad(118, 'TRACE', closing('TRACE', '/v1/jobs', 'X-Secret: s3cret'), {
      ...notAllowed,
      answer: /\r\nallow: /i,
      never: /s3cret/,
    }),
    bad(119, 'Upgrade: banana', closing('GET', '/v1/jobs', 'Upgrade: banana').replace('close', 'close, upgrade'), {
      ...ignored,
      answer: /"items":\[/,
      never: /\r\nupgrade:/i,
    }),
    bad(120, 'wrong method on a known path: PUT', closing('PUT', '/v1/jobs'), {
      ...notAllowed,
      answer: /\r\nallow: (?=.*GET)(?=.*OPTIONS)(?!.*PUT)/i,
    }),
    bad(120, 'wrong method on a known path: DELETE', closing('DELETE', '/v1/files'), {
      ...notAllowed,
      answer: /\r\nallow: .*POST/i,
    }),
    bad(120, 'wrong method on a known path, with a body', `${closing('PATCH', '/v1/jobs', lengthOf(hidden))}${hidden}`, {
      ...notAllowed,
      answer: /\r\nallow: /i,
    }),
    bad(121, 'X-HTTP-Method-Override: DELETE', closing('GET', '/v1/jobs', 'X-HTTP-Method-Override: DELETE'), {
      ...ignored,
      answer: /"items":\[/,
    }),
    bad(
      121,
      'X-Forwarded-For spoof',
      closing('GET', '/v1/jobs', 'X-Forwarded-For: 127.0.0.1', 'X-Forwarded-Host: evil.example'),
      {
        ...ignored,
        answer: /"items":\[/,
        never: /evil/,
      },
    ),
    bad(121, 'X-Original-URL', closing('GET', '/v1/jobs', 'X-Original-URL: /v1/queues', 'X-Rewrite-URL: /v1/queues'), {
      ...ignored,
      answer: /"items":\[\]/,
    }),
    ...['http://evil.example', 'null'].map((origin) =>
      bad(
        122,
        `CORS preflight from the origin ${origin}`,
        closing('OPTIONS', '/v1/jobs', `Origin: ${origin}`, 'Access-Control-Request-Method: POST'),
        { status: 204, problem: null, never: /access-control/i },
      ),
    ),
    bad(123, 'unknown path', closing('GET', '/nothing/here'), { status: 404, problem: 'not-found' }),
    bad(123, 'unknown path, with a body', `${closing('POST', '/nothing/here', lengthOf(hidden))}${hidden}`, {
      status: 404,
      problem: 'not-found',
    }),
  ];
}

/** Whether this Node leaves a request that asks for another protocol in HTTP where it should, and then loses what came behind it. */
export const asksBeforeUpgrade = 'shouldUpgradeCallback' in createServer();

/** Requests that are in order, with another in their body: the body ends where it says, and what comes behind is the next request. */
export const nestedRequests: readonly [name: string, bytes: string][] = [
  ['in the body of a GET', `${get('/v1/jobs', lengthOf(hidden))}${hidden}`],
  ['in the chunks of a GET', `${get('/v1/jobs', chunked)}${hiddenChunk}`],
  ['in the body of a HEAD', `${crlf('HEAD /livez HTTP/1.1', 'Host: localhost', lengthOf(hidden), '')}${hidden}`],
  [
    'in the body of an upgrade that is not spoken',
    `${get('/v1/jobs', 'Connection: upgrade', 'Upgrade: h2c', lengthOf(hidden))}${hidden}`,
  ],
];
/** All that comes back after the bytes until the other side ends its own, or breaks off. */
export async function answersOn(socket: Socket, { sent, meanwhile }: BytesOnTheWire): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  // Sending on after the end is part of being a bad client.
  socket.on('error', () => {});
  const ended = new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
  socket.write(sent);
  const stop = meanwhile?.(socket);
  await ended;
  stop?.();
  socket.destroy();
  return text;
}
