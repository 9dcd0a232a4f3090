/**
 * The bytes of the area "http" of the bad inputs through real proxies with the configurations that docs/operations.md shows. A proxy
 * may refuse them, pass them on, or make them right; but what it takes for one request must be one for the server, too, or a
 * request that is hidden in another is answered to somebody else who shares the connection between the two.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { testService } from '../support/engine.ts';
import { recordFigure } from '../support/figures.ts';
import { openTestServer, type TestServer } from '../support/http-server.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { eventually } from '../support/program.ts';
import { installedProxies, publicName, type RunningProxy, startProxy } from '../support/proxy.ts';
import { answersOn, type BytesOnTheWire, bad, closing, nestedRequests, wireInputs } from '../support/wire-inputs.ts';

const clock = new ManualClock();
const behindIt = nestedRequests.map(([where, bytes]) => bad(0, `a request ${where}`, bytes + closing('GET', '/v1/queues')));
const inputs = [...wireInputs(clock), ...behindIt];

describe.each(installedProxies())('behind %s', { timeout: 120_000 }, (name) => {
  let server: TestServer;
  let proxy: RunningProxy;
  let connections = 0;
  const countConnection = () => {
    connections += 1;
  };
  /** Caddy passes on what it has not read to the end. Where it breaks off then, the server tells of a request and of one that it cannot read, or of nothing. */
  const readsBeforehand = name !== 'caddy';
  const counts = { refusedByProxy: 0, refusedByServer: 0, answered: 0, neighbours: 0 };

  beforeAll(async () => {
    subscribe('net.server.socket', countConnection);
    const patience = { headersMs: 500, connectionCheckMs: 50, keepAliveMs: limits.keepAliveMs };
    const settings = { publicUrl: `https://${publicName}`, trustProxy: true };
    server = await openTestServer({ services: [testService('noop', 'noop')] }, settings, { clock, patience });
    proxy = await startProxy(name, server.port, { patienceMs: 3_000, sharesAll: true });
  });
  afterAll(async () => {
    unsubscribe('net.server.socket', countConnection);
    await proxy?.remove();
    await server?.closeAll();
  });

  /** All that the proxy answers until it ends the connection. */
  async function answersTo(input: BytesOnTheWire): Promise<string> {
    const { port, certificate } = proxy;
    const place = { port, host: '127.0.0.1', ca: certificate, servername: publicName, allowHalfOpen: true };
    const socket = connect(place);
    await once(socket, 'secureConnect');
    return answersOn(socket, input);
  }

  /** Method and path of what came to the server, or null for what it could not read. */
  const seen = (): readonly { readonly asked: string | null; readonly status: number }[] =>
    server.lines
      .filter(({ msg }) => msg === 'request' || msg === 'request.unreadable')
      .map(({ msg, method, path, status }) => ({
        asked: msg === 'request' ? `${method} ${path}` : null,
        status: Number(status),
      }));

  /** Somebody else, whose request goes over a connection that the one before has used. */
  async function expectOwnAnswer(): Promise<string> {
    counts.neighbours += 1;
    const path = `/nobody/else/${counts.neighbours}`;
    const text = await answersTo(bad(0, '', closing('GET', path)));
    expect(text.match(/HTTP\/1\.1 \d{3} /g)).toEqual(['HTTP/1.1 404 ']);
    expect(text).toContain(`"instance":"${path}"`);
    return `GET ${path}`;
  }

  test.each(inputs)('$row: $input is one request for the server where it is one for the proxy', async (input) => {
    const before = { seen: seen().length, passedOn: proxy.passedOn().length };
    const text = await answersTo(input);
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((found) => Number(found[1]));
    const seenNow = () => seen().slice(before.seen);
    const askedNow = () =>
      proxy
        .passedOn()
        .slice(before.passedOn)
        .map((line) => line.split(/[ ?]/, 2).join(' '));
    // The server's answers have the id of a trace; only an answer of HTTP/0.9 has no headers.
    const answers =
      input.input === 'HTTP/0.9' && text !== '' && statuses.length === 0 ? 1 : (text.match(/\r\nx-trace-id: /gi) ?? []).length;
    await eventually(
      'both have told of as many requests as were answered',
      () =>
        seenNow().length >= answers && (readsBeforehand ? seenNow().length === askedNow().length : askedNow().length >= answers),
    );
    if (readsBeforehand) {
      if (statuses.length > 0) expect(statuses).toEqual(expect.arrayContaining(seenNow().map(({ status }) => status)));
      // What the proxy refuses it refuses once, and the connection ends with that.
      if (askedNow().length === 0) expect(statuses.filter((status) => status < 400).concat(statuses.slice(1))).toEqual([]);
    }
    const first = seenNow()[0]?.status ?? null;
    if (first === null) counts.refusedByProxy += 1;
    else if (first >= 400) counts.refusedByServer += 1;
    else counts.answered += 1;
    const neighbour = await expectOwnAnswer();
    await eventually(
      'nothing is under way',
      () => askedNow().includes(neighbour) && seenNow().some(({ asked, status }) => asked === neighbour && status === 404),
    );
    if (readsBeforehand) expect(seenNow().length).toBe(askedNow().length);
    const unasked = seenNow().flatMap(({ asked }) => asked ?? []);
    for (const asked of askedNow()) if (unasked.includes(asked)) unasked.splice(unasked.indexOf(asked), 1);
    expect(unasked).toEqual([]);
    expect(seenNow().filter(({ status }) => status >= 500)).toEqual([]);
  });

  test('connections to the server are shared, so that a second answer would have gone astray', () => {
    expect(connections).toBeGreaterThan(0);
    expect(connections).toBeLessThan(seen().length / 2);
    const { refusedByProxy, refusedByServer, answered, neighbours } = counts;
    recordFigure(
      23,
      `${inputs.length} inputs on raw sockets through ${name}: ${refusedByProxy} refused by it, ${refusedByServer} by the server behind it, ${answered} answered as it read them; requests that the server read in another way 0; ${neighbours} neighbours on ${connections} shared connections, each with its own answer`,
    );
  });
});
