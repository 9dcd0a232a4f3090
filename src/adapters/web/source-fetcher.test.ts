import type { ServerResponse } from 'node:http';
import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { type Origin, openCanary, openOrigin, openRawOrigin, originCertificate } from '../../../test/support/origin.ts';
import { eventually } from '../../../test/support/program.ts';
import { parseSourceRule } from '../../core/source-rules.ts';
import { createSourceFetcher, type SourceFetcherOptions } from './source-fetcher.ts';

const origins: Origin[] = [];
afterEach(async () => {
  // Whatever happened, nothing is held when it is over.
  await eventually('no connection is open', () => origins.every(({ open }) => open === 0));
  await Promise.all(origins.splice(0).map((origin) => origin.close()));
});

async function kept<T extends Origin | null>(opening: Promise<T>): Promise<T> {
  const origin = await opening;
  if (origin !== null) origins.push(origin);
  return origin;
}

const answering = (listener: Parameters<typeof openOrigin>[0], tls = false) => kept(openOrigin(listener, { tls }));
const saying = (
  text: string | Buffer,
  more: (socket: Parameters<Parameters<typeof openRawOrigin>[0]>[0]) => void = (s) => s.end(),
) =>
  kept(
    openRawOrigin((socket) => {
      socket.once('data', () => {
        socket.write(text);
        more(socket);
      });
    }),
  );

function fetcherWith(rules: readonly string[], options: Partial<SourceFetcherOptions> = {}) {
  const parsed = rules.map((text) => parseSourceRule(text)).filter((rule) => rule !== null);
  const nobody = () => Promise.reject(new Error('nothing must be looked up'));
  return createSourceFetcher({ rules: parsed, version: '1.2.3', lookup: nobody, ...options });
}

async function get(
  url: string,
  options: Omit<Partial<SourceFetcherOptions>, 'rules'> & { rules?: string[]; bytesMax?: number; signal?: AbortSignal } = {},
) {
  const { rules = ['127.0.0.1:*'], bytesMax = 1_000_000, signal = new AbortController().signal, ...more } = options;
  const fetched = await fetcherWith(rules, more).fetch(url, { bytesMax, signal });
  const chunks: Buffer[] = [];
  for await (const chunk of fetched.bytes) chunks.push(chunk);
  return { ...fetched, body: Buffer.concat(chunks) };
}

const at = ({ port }: Origin, path = '/') => `http://127.0.0.1:${port}${path}`;
const redirect = (response: ServerResponse, location: string, status = 302) =>
  response.writeHead(status, { location }).end('moved');

describe('a link that may be fetched', () => {
  test('is asked for by the name of its host, as Coatcheck, and gives bytes and what is said of them', async () => {
    const seen: unknown[] = [];
    const origin = await answering((request, response) => {
      seen.push([request.url, request.headers]);
      response.writeHead(200, { 'content-type': 'Image/PNG; a=b', 'content-disposition': 'inline; filename=a.png' });
      response.end('bytes');
    });
    const lookups: string[] = [];
    const lookup = async (host: string) => {
      lookups.push(host);
      return ['127.0.0.1'];
    };
    const { body, ...told } = await get(`http://origin.example:${origin.port}/x/gr%C3%BCn.png?q=1#frag`, {
      rules: ['origin.example:*'],
      lookup,
    });
    expect(String(body)).toBe('bytes');
    expect(told).toMatchObject({
      mediaType: 'image/png',
      disposition: 'inline; filename=a.png',
      pathName: 'grün.png',
      totalBytes: null,
    });
    expect(lookups).toEqual(['origin.example']);
    expect(seen).toEqual([
      [
        '/x/gr%C3%BCn.png?q=1',
        {
          host: `origin.example:${origin.port}`,
          'user-agent': 'Coatcheck/1.2.3',
          accept: '*/*',
          'accept-encoding': 'identity',
          connection: 'close',
        },
      ],
    ]);
  });

  test('at a host that a rule names is found where this machine knows it, in its hosts file too', async () => {
    const origin = await answering((_request, response) => response.end('known'));
    const fetcher = createSourceFetcher({ rules: [{ host: 'localhost', port: 'any' }], version: '1.2.3' });
    const { signal } = new AbortController();
    const { bytes } = await fetcher.fetch(`http://localhost:${origin.port}/`, { bytesMax: 10, signal });
    for await (const chunk of bytes) expect(String(chunk)).toBe('known');
    expect(origin.connections).toBe(1);
  });

  test('over TLS its certificate is checked against the name, whatever the address', async () => {
    const origin = await answering((_request, response) => response.end('safe'), true);
    const lookup = async () => ['127.0.0.1'];
    const rules = ['*.example:*', '127.0.0.1:*'];
    const ca = originCertificate;
    const url = (host: string) => `https://${host}:${origin.port}/`;
    expect(String((await get(url('origin.example'), { rules, lookup, ca })).body)).toBe('safe');
    expect(String((await get(url('127.0.0.1'), { rules, lookup, ca })).body)).toBe('safe');
    for (const bad of [get(url('other.example'), { rules, lookup, ca }), get(url('origin.example'), { rules, lookup })]) {
      await expect(bad).rejects.toMatchObject({ code: 'source-fetch-failed', retryable: false });
    }
  });

  test('over TLS to a server that has none has failed for good', async () => {
    const origin = await answering((_request, response) => response.end('plain'));
    const failed = get(`https://127.0.0.1:${origin.port}/`);
    await expect(failed).rejects.toMatchObject({ code: 'source-fetch-failed', retryable: false });
  });

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ])('is decompressed (%s)', async (coding, compress) => {
    const origin = await answering((_request, response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(compress(Buffer.from('hello '.repeat(10_000))));
    });
    expect((await get(at(origin))).body.length).toBe(60_000);
  });

  test('is followed over five redirects, relative ones too', async () => {
    const origin = await answering(({ url = '' }, response) => {
      const hop = Number(url.slice(1));
      if (hop === 5) response.end('there');
      else redirect(response, hop % 2 === 0 ? `${hop + 1}` : at(origin, `/${hop + 1}`), [301, 302, 303, 307, 308][hop]);
    });
    const { body, pathName } = await get(at(origin, '/0'));
    expect([String(body), pathName]).toEqual(['there', '5']);
    expect(origin.connections).toBe(6);
  });

  test('goes to the next address of its host where one does not answer', async () => {
    const origin = await answering((_request, response) => response.end('second'));
    const { body } = await get(`http://origin.example:${origin.port}/`, {
      rules: ['origin.example:*'],
      lookup: async () => ['127.0.0.9', '127.0.0.1'],
    });
    expect(String(body)).toBe('second');
  });
});

describe('a link that leads inside', () => {
  /** Whatever can be listened to on the ports that links may name, and one more. */
  async function canaries(): Promise<Origin[]> {
    const places = ['127.0.0.1', '::1'].flatMap((host) => [80, 443, 8080, 8443, 0].map((port) => [host, port] as const));
    const opened = await Promise.all(places.map(([host, port]) => kept(openCanary(host, port))));
    return opened.filter((canary) => canary !== null);
  }
  const refusal = { code: 'source-not-allowed', retryable: false };

  test.each([
    ['to loopback', ['127.0.0.1']],
    ['to loopback of IPv6', ['::1']],
    ['to a public and a private address', ['93.184.216.34', '10.0.0.1']],
    ['to a private and a public address', ['10.0.0.1', '93.184.216.34']],
    ['to the metadata of a cloud', ['169.254.169.254']],
    ['to a mapped address', ['::ffff:127.0.0.1']],
    ['to an address with a zone', ['fe80::1%lo']],
    ['to what is no address', ['localhost']],
  ])('by a name that resolves %s is refused, and nothing connects', async (_what, addresses) => {
    const watched = await canaries();
    for (const port of [80, 8080, 8443]) {
      await expect(get(`http://innocent.example:${port}/`, { rules: [], lookup: async () => addresses })).rejects.toMatchObject(
        refusal,
      );
    }
    expect(watched.map(({ connections }) => connections)).toEqual(watched.map(() => 0));
  });

  test('by a name whose address changes goes to the one that was checked, and asks once', async () => {
    const origin = await answering((_request, response) => response.end('checked'));
    const inside = await kept(openCanary('127.0.0.2', origin.port));
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    let asked = 0;
    const lookup = async () => answers[asked++] ?? [];
    const rules = ['127.0.0.1:*', `origin.example:${origin.port}`];
    expect(String((await get(`http://origin.example:${origin.port}/`, { rules, lookup })).body)).toBe('checked');
    expect([asked, inside?.connections ?? 0]).toEqual([1, 0]);
  });

  test.each([
    ['another port', 'http://127.0.0.1:9/'],
    ['another spelling', 'http://2130706433/'],
    ['IPv6', 'http://[::1]/'],
    ['a name', 'http://localhost/'],
    ['a relative one', '//127.0.0.1:9/'],
    ['a file', 'file:///etc/passwd'],
    ['a user', 'http://a@127.0.0.1/'],
    ['metadata', 'http://169.254.169.254/latest/'],
  ])('by a redirect (%s) is refused, and nothing connects', async (_what, location) => {
    const watched = await canaries();
    const origin = await answering((_request, response) => redirect(response, location));
    const refused = get(at(origin), { rules: [`127.0.0.1:${origin.port}`] });
    await expect(refused).rejects.toMatchObject(refusal);
    await expect(refused).rejects.not.toThrow(/127|169|passwd/);
    expect(watched.map(({ connections }) => connections)).toEqual(watched.map(() => 0));
  });

  test('by a redirect to a name that resolves inside is refused', async () => {
    const inside = await kept(openCanary('127.0.0.2'));
    const origin = await answering((_request, response) => redirect(response, 'http://innocent.example/'));
    const lookup = async () => ['127.0.0.2'];
    await expect(get(at(origin), { lookup })).rejects.toMatchObject(refusal);
    expect(inside?.connections).toBe(0);
  });

  test('from https to http is refused', async () => {
    const plain = await answering((_request, response) => response.end());
    const origin = await answering((_request, response) => redirect(response, at(plain)), true);
    await expect(get(`https://127.0.0.1:${origin.port}/`, { ca: originCertificate })).rejects.toMatchObject(refusal);
    expect(plain.connections).toBe(0);
  });

  test('is refused alike, and as fast, whether something listens there or not', async () => {
    const open = await kept(openCanary('127.0.0.1'));
    const closed = await openCanary('127.0.0.1');
    await closed?.close();
    const messages = [];
    for (const port of [open?.port, closed?.port, 80]) {
      messages.push(
        await get(`http://127.0.0.1:${port}/`, { rules: ['127.0.0.2'] }).catch(({ message }) =>
          String(message).replace(/\d+;/, 'N;'),
        ),
      );
      messages.push(
        await get('http://a.example/', { rules: [], lookup: async () => ['127.0.0.1'] }).catch(({ message }) => message),
      );
    }
    expect(new Set(messages.filter((_m, index) => index % 2 === 1)).size).toBe(1);
    expect(messages[0]).toBe(messages[2]);
    expect(open?.connections).toBe(0);
  });
});

const ok = 'HTTP/1.1 200 OK\r\n';

describe('a server that misbehaves', () => {
  test.each([301, 302])('in a circle of redirects (%i) is left after five', async (status) => {
    const origin = await answering(({ url }, response) => redirect(response, `${url}x`, status));
    await expect(get(at(origin, '/a'))).rejects.toMatchObject({ code: 'too-many-redirects', retryable: false });
    expect(origin.connections).toBe(6);
  });

  test.each([
    ['never answers', '', () => undefined],
    ['stops in its headers', `${ok}Content-Len`, () => undefined],
    ['stops in its body', `${ok}Content-Length: 9\r\n\r\nabc`, () => undefined],
    ['says nothing but "continue"', 'HTTP/1.1 100 Continue\r\n\r\n', () => undefined],
  ])('and %s is left when its time is over', async (_what, text, more) => {
    const clock = new ManualClock();
    const origin = await saying(text, more);
    const fetching = get(at(origin), { clock }).then(
      () => null,
      (error: unknown) => error,
    );
    let failed: unknown;
    void fetching.then((error) => (failed = error));
    await eventually('its time is over', () => {
      clock.advance(1_000);
      return failed !== undefined;
    });
    expect(failed).toMatchObject({ code: 'source-timeout', retryable: true });
  });

  test('and sends headers for ever is left', async () => {
    const origin = await saying(ok, (socket) => {
      const timer = setInterval(() => socket.write(`X-${'a'.repeat(100)}: b\r\n`), 1);
      socket.on('close', () => clearInterval(timer));
    });
    await expect(get(at(origin))).rejects.toMatchObject({ code: 'source-timeout' });
  });

  test('and drips is left, long before it has sent all', async () => {
    const origin = await saying(`${ok}Content-Length: 100000\r\n\r\n`, (socket) => {
      const timer = setInterval(() => socket.write('x'), 10);
      socket.on('close', () => clearInterval(timer));
    });
    const times = { idleMs: 1_000, stretchMs: 150, stretchBytesMin: 1_000 };
    await expect(get(at(origin), { times })).rejects.toMatchObject({
      code: 'source-timeout',
      message: expect.stringContaining('less than'),
    });
  });

  test('and takes longer than a fetch may is left, however much it sends', async () => {
    const origin = await answering((_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(100)), 5);
      response.on('close', () => clearInterval(timer));
    });
    await expect(get(at(origin), { times: { wholeMs: 200 } })).rejects.toMatchObject({ code: 'source-timeout' });
  });

  test('and declares more than the limit is left before its body', async () => {
    const origin = await saying(`${ok}Content-Length: 1000001\r\n\r\n`, () => undefined);
    await expect(get(at(origin))).rejects.toMatchObject({ code: 'source-too-large', retryable: false });
  });

  test('and sends without end is cut at the limit', async () => {
    const piece = Buffer.alloc(65_536);
    const origin = await answering((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', more);
      more();
    });
    await expect(get(at(origin))).rejects.toMatchObject({ code: 'source-too-large' });
  });

  test('and sends a bomb is cut at the limit, in small memory', async () => {
    const origin = await answering((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const zip = createGzip();
      zip.pipe(response);
      const zeros = Buffer.alloc(1024 ** 2);
      let left = 500;
      const more = () => {
        while (left-- > 0 && zip.write(zeros));
        if (left <= 0) zip.end();
      };
      zip.on('drain', more);
      response.on('close', () => zip.destroy());
      more();
    });
    const before = process.memoryUsage().rss;
    await expect(get(at(origin), { bytesMax: 50_000_000 })).rejects.toMatchObject({ code: 'source-too-large' });
    expect(process.memoryUsage().rss - before).toBeLessThan(250 * 1024 ** 2);
  });

  test.each([
    ['declares more than it sends', `${ok}Content-Length: 100\r\n\r\nshort`, true],
    ['declares less than it sends', `${ok}Content-Length: 3\r\n\r\nfar too long`, false],
    ['ends in a chunk', `${ok}Transfer-Encoding: chunked\r\n\r\nff\r\nabc`, true],
    ['declares two lengths', `${ok}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`, false],
    ['says nothing', '', true],
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', false],
    ['changes the protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n', true],
    ['sends a broken gzip', `${ok}Content-Encoding: gzip\r\n\r\nabcdef`, false],
    ['sends a broken br', `${ok}Content-Encoding: br\r\n\r\nabcdef`, false],
    ['compresses twice', `${ok}Content-Encoding: gzip, gzip\r\n\r\nabcdef`, false],
    ['compresses in its own way', `${ok}Content-Encoding: constructor\r\n\r\nabcdef`, false],
    ['redirects to nowhere', 'HTTP/1.1 302 Found\r\nLocation: http://\r\n\r\n', false],
    ['redirects without saying where', 'HTTP/1.1 302 Found\r\n\r\n', false],
    ['gives a part', 'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-2/9\r\nContent-Length: 3\r\n\r\nabc', false],
    ['gives nothing', 'HTTP/1.1 204 No Content\r\n\r\n', false],
  ])('and %s has failed', async (_what, text, retryable) => {
    const origin = await saying(text);
    await expect(get(at(origin))).rejects.toMatchObject({ code: 'source-fetch-failed', retryable });
  });

  test('and cuts a gzip off has failed', async () => {
    const whole = gzipSync(Buffer.from('hello '.repeat(10_000)));
    const origin = await answering((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(whole.subarray(0, -20));
    });
    await expect(get(at(origin))).rejects.toMatchObject({ code: 'source-fetch-failed' });
  });

  test('and resets the connection in the body has failed', async () => {
    const origin = await saying(`${ok}Content-Length: 100\r\n\r\nabc`, (socket) => setImmediate(() => socket.resetAndDestroy()));
    await expect(get(at(origin))).rejects.toMatchObject({ code: 'source-fetch-failed', retryable: true });
  });

  test('and does not listen has failed; so has one that is not known', async () => {
    const gone = await openCanary('127.0.0.1');
    await gone?.close();
    await expect(get(`http://127.0.0.1:${gone?.port}/`)).rejects.toMatchObject({ code: 'source-fetch-failed', retryable: true });
    const lookup = () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }));
    const unknown = get('http://unknown.example/', { lookup });
    await expect(unknown).rejects.toMatchObject({ code: 'source-fetch-failed', message: expect.stringContaining('not known') });
    await expect(get('http://empty.example/', { lookup: async () => [] })).rejects.toMatchObject({ code: 'source-fetch-failed' });
  });

  test('and whose name nobody resolves in time is left', async () => {
    const slow = get('http://slow.example/', { lookup: () => new Promise(() => {}), times: { connectMs: 50 } });
    await expect(slow).rejects.toMatchObject({ code: 'source-timeout' });
  });

  test.each([
    [404, undefined, false, undefined],
    [403, '5', false, undefined],
    [429, '7', true, 7],
    [503, undefined, true, undefined],
    [503, '999999', true, 3_600],
    [500, 'soon', true, undefined],
    [503, new Date(Date.UTC(2026, 0, 1) + 60_000).toUTCString(), true, 60],
  ])('and answers %i (Retry-After %s) may be asked again: %s', async (status, retryAfter, retryable, retryAfterSeconds) => {
    const origin = await answering((_request, response) => {
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('no');
    });
    await expect(get(at(origin), { clock: new ManualClock() })).rejects.toMatchObject({
      code: 'source-fetch-failed',
      message: `The server of the link answered with status ${status}.`,
      retryable,
      retryAfterSeconds,
    });
  });
});

describe('a fetch that is no longer wanted', () => {
  test.each(['before the headers', 'in the body'])('ends at once (%s)', async (when) => {
    const stop = new AbortController();
    const origin = await saying(when === 'in the body' ? `${ok}Content-Length: 9\r\n\r\nabc` : '', () => {
      setTimeout(() => stop.abort(new Error('enough')), 20);
    });
    await expect(get(at(origin), { signal: stop.signal })).rejects.toThrow('enough');
  });

  test('closes its connection when nobody reads the body', async () => {
    const origin = await saying(`${ok}Content-Length: 9\r\n\r\nabc`, () => undefined);
    const fetched = await fetcherWith(['127.0.0.1:*']).fetch(at(origin), { bytesMax: 10, signal: new AbortController().signal });
    expect(origin.open).toBe(1);
    fetched.close();
  });
});
