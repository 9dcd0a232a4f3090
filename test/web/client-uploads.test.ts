import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { submit } from '../../src/client/submit.ts';
import { hasBrowser, openBrowser, openTab } from '../support/browser.ts';

/** The uploads of the client as a browser runs them, against a server that behaves as the test says. */

declare global {
  interface Window {
    submit: typeof submit;
  }
}

const document = `<!doctype html><title>client</title>
<script type="module">import { submit } from '/client/submit.js'; window.submit = submit;</script>`;
const compiled = fileURLToPath(new URL('../../dist/', import.meta.url));
const closing: (() => void | Promise<void>)[] = [];
let browser: Browser;

beforeAll(async () => {
  if (hasBrowser) browser = await openBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Seen {
  readonly key: string | undefined;
  readonly length: string | undefined;
  readonly bytes: number;
}

/** Serves the compiled modules of the client; posts are answered by the first, second, … behaviour, the last one from then on. */
async function pageBefore(...behaviours: RequestListener[]) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      const path = request.url ?? '/';
      if (path === '/') return response.setHeader('content-type', 'text/html').end(document);
      if (!path.endsWith('.js')) return response.writeHead(404).end();
      response.setHeader('content-type', 'text/javascript');
      return response.end(await readFile(`${compiled}${path.slice(1)}`));
    }
    let bytes = 0;
    for await (const chunk of request) bytes += (chunk as Buffer).length;
    seen.push({ key: request.headers['idempotency-key']?.toString(), length: request.headers['content-length'], bytes });
    return (behaviours[seen.length - 1] ?? behaviours.at(-1))?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The server listens on a port, so its address is an object.
  const { port } = server.address() as AddressInfo;
  const { page, context } = await openTab(browser, `http://127.0.0.1:${port}/`);
  closing.push(async () => {
    await context.close();
    server.closeAllConnections();
    server.close();
  });
  return { page, seen };
}

/** Runs in the page: uploads 3 MB and tells what came of it. */
async function uploadInPage({ abortAtBytes, ownFetch }: { abortAtBytes: number | null; ownFetch: boolean }) {
  const told: (readonly [number, number | null])[] = [];
  const controller = new AbortController();
  const connection = {
    baseUrl: location.origin,
    fetch: fetch.bind(globalThis),
    fetchIsOwn: !ownFetch,
    token: 'secret',
    retry: { attemptsMax: 3, firstDelayMs: 2, longestDelayMs: 10, retryAfterMsMax: 1_000, reconnectsMax: 1 },
  };
  try {
    const job = await window.submit(connection, {
      service: 'thumbnails',
      source: new File([new Uint8Array(3_000_000)], 'a.bin'),
      signal: controller.signal,
      onUpload: (sent, total) => {
        told.push([sent, total]);
        if (abortAtBytes !== null && sent >= abortAtBytes) controller.abort(new Error('enough'));
      },
    });
    return { job, told, error: null };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
    return { job: null, told, error: { name, message } };
  }
}

const accepted: RequestListener = (_request, response) =>
  void response.writeHead(202, { 'content-type': 'application/json' }).end('{"id":"j1"}');
const dropped: RequestListener = (request) => void request.socket.destroy();
const refused: RequestListener = (_request, response) =>
  void response
    .writeHead(413, { 'content-type': 'application/problem+json' })
    .end('{"type":"/problems/payload-too-large","title":"Too large","status":413,"detail":"At most 1 MB."}');

const plain = { abortAtBytes: null, ownFetch: false };

describe.skipIf(!hasBrowser)('uploads in a browser', () => {
  test('the bytes that are sent are told up to the length of the body, and the answer is the job', async () => {
    const { page, seen } = await pageBefore(accepted);
    const { job, told } = await page.evaluate(uploadInPage, plain);
    expect(job).toEqual({ id: 'j1' });
    const total = seen[0]?.bytes ?? 0;
    expect(total).toBeGreaterThan(3_000_000);
    expect(told.at(-1)).toEqual([total, total]);
    expect(told.map(([sent]) => sent)).toEqual(told.map(([sent]) => sent).toSorted((one, other) => one - other));
  });

  test('a lost connection is tried again under the same idempotency key', async () => {
    const { page, seen } = await pageBefore(dropped, accepted);
    const { job } = await page.evaluate(uploadInPage, plain);
    expect(job).toEqual({ id: 'j1' });
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
  });

  test('a server that is gone for good is a ConnectionError, a refusal a ProblemError', async () => {
    const lost = await pageBefore(dropped);
    const { error } = await lost.page.evaluate(uploadInPage, plain);
    expect(error?.name).toBe('ConnectionError');
    const { page } = await pageBefore(refused);
    expect((await page.evaluate(uploadInPage, plain)).error).toEqual({ name: 'ProblemError', message: 'At most 1 MB.' });
  });

  test('an upload ends with the reason of its signal', async () => {
    const { page } = await pageBefore(accepted);
    const { error } = await page.evaluate(uploadInPage, { abortAtBytes: 1, ownFetch: false });
    expect(error?.message).toBe('enough');
  });

  test('a fetch of the caller is used as it is', async () => {
    const { page } = await pageBefore(accepted);
    const { job, told } = await page.evaluate(uploadInPage, { abortAtBytes: null, ownFetch: true });
    expect(job).toEqual({ id: 'j1' });
    expect(told).toEqual([]);
  });
});
