import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ConnectionError, createClient, ProblemError, type WatchEvent } from './client.ts';

type Connection = (response: ServerResponse, request: IncomingMessage) => void;

const id = '01980000-0000-7000-8000-000000000001';
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server whose event stream behaves as told at its first, second, … connection; `state` is what the job says meanwhile. */
async function streamThat(states: string[], ...connections: Connection[]) {
  const lastEventIds: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    if (!request.url?.endsWith('/events')) {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ id, state: states.length > 1 ? states.shift() : states[0] }));
      return;
    }
    const header = request.headers['last-event-id'];
    lastEventIds.push(typeof header === 'string' ? header : undefined);
    (connections[lastEventIds.length - 1] ?? connections.at(-1))?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // The server listens on a port, so its address is an object.
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { client: createClient({ baseUrl, retry: { firstDelayMs: 2, longestDelayMs: 5, attemptsMax: 3 } }), lastEventIds };
}

function event(type: string, eventId: string): string {
  return `id: ${eventId}\nevent: ${type}\ndata: ${JSON.stringify({ id: eventId, type, job: id, at: '2026-01-01T00:00:00Z', data: {} })}\n\n`;
}

function progress(fraction: number): string {
  return `event: job.progress\ndata: ${JSON.stringify({ type: 'job.progress', job: id, data: { fraction, message: 'ä' } })}\n\n`;
}

const stream = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });

async function all(events: AsyncIterable<WatchEvent>): Promise<string[]> {
  const seen: string[] = [];
  for await (const one of events)
    seen.push(one.type === 'job.progress' ? `progress ${one.data.fraction}` : `${one.id} ${one.type}`);
  return seen;
}

test('events come in order until the job has ended, whatever pieces the bytes come in', async () => {
  const { client } = await streamThat(['succeeded'], async (response) => {
    const bytes = Buffer.from(
      `: hello\n\n${event('job.queued', 'a')}${event('job.started', 'b')}${progress(0.5)}${event('job.succeeded', 'c')}`,
    );
    stream(response);
    for (const byte of bytes) await new Promise<void>((resolve) => response.write(Buffer.of(byte), () => resolve()));
    response.end();
  });
  expect(await all(client.watch(id))).toEqual(['a job.queued', 'b job.started', 'progress 0.5', 'c job.succeeded']);
});

test('a stream that is cut in the middle of an event is taken up behind the last whole one', async () => {
  const { client, lastEventIds } = await streamThat(
    ['succeeded'],
    (response) => {
      const half = event('job.started', 'b').slice(0, 30);
      stream(response).write(event('job.queued', 'a') + half, () => response.destroy());
    },
    (response) => void stream(response).end(event('job.started', 'b')),
    (response) => void stream(response).end(event('job.succeeded', 'c')),
  );
  expect(await all(client.watch(id))).toEqual(['a job.queued', 'b job.started', 'c job.succeeded']);
  expect(lastEventIds).toEqual([undefined, 'a', 'b']);
});

test('a server that keeps the stream open after the end of the job does not keep the watcher', async () => {
  const { client } = await streamThat(['failed'], (response) => void stream(response).write(event('job.failed', 'a')));
  expect(await all(client.watch(id))).toEqual(['a job.failed']);
});

test('a job that was started again is watched to its second end', async () => {
  const { client, lastEventIds } = await streamThat(
    ['queued', 'succeeded'],
    (response) => void stream(response).end(event('job.failed', 'a')),
    (response) => void stream(response).end(event('job.queued', 'b') + event('job.succeeded', 'c')),
  );
  expect(await all(client.watch(id))).toEqual(['a job.failed', 'b job.queued', 'c job.succeeded']);
  expect(lastEventIds).toEqual([undefined, 'a']);
});

test('watching begins behind a given event', async () => {
  const { client, lastEventIds } = await streamThat(
    ['succeeded'],
    (response) => void stream(response).end(event('job.succeeded', 'c')),
  );
  await all(client.watch(id, { after: 'b' }));
  expect(lastEventIds).toEqual(['b']);
});

test('a job that has nothing more to tell is watched to its end at once', async () => {
  const { client, lastEventIds } = await streamThat(['succeeded'], (response) => void response.writeHead(204).end());
  expect(await all(client.watch(id, { after: 'c' }))).toEqual([]);
  expect(lastEventIds).toEqual(['c']);
});

test('a job that was deleted meanwhile ends the watching with its problem', async () => {
  const { client } = await streamThat(
    ['queued'],
    (response) => void stream(response).end(event('job.queued', 'a')),
    (response) => {
      response.writeHead(404, { 'content-type': 'application/problem+json' });
      response.end(
        JSON.stringify({ type: '/problems/not-found', title: 'x', status: 404, detail: 'gone', instance: '/', traceId: 't' }),
      );
    },
  );
  await expect(all(client.watch(id))).rejects.toThrow(ProblemError);
});

test('a server that drops every stream is given up in the end', async () => {
  const { client, lastEventIds } = await streamThat(['queued'], (response) => void stream(response).end());
  await expect(all(client.watch(id))).rejects.toThrow(ConnectionError);
  expect(lastEventIds).toHaveLength(3);
});

test('leaving the loop and aborting the signal both close the connection', async () => {
  for (const leave of ['break', 'abort']) {
    let closed: () => void = () => undefined;
    const connectionClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { client } = await streamThat(['queued'], (response) => {
      response.on('close', closed);
      stream(response).write(event('job.queued', 'a'));
    });
    const controller = new AbortController();
    const watching = (async () => {
      for await (const _event of client.watch(id, { signal: controller.signal })) {
        if (leave === 'break') return;
        controller.abort(new Error('enough'));
      }
    })();
    if (leave === 'break') await watching;
    else await expect(watching).rejects.toThrow('enough');
    await connectionClosed;
  }
});
