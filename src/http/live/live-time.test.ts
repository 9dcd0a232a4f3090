import { afterEach, beforeEach, expect, test } from 'vitest';
import { testService } from '../../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../../test/support/http-server.ts';
import { openLive, openRawLive } from '../../../test/support/live-socket.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { onePixelPng } from '../../../test/support/pictures.ts';
import { eventually } from '../../../test/support/program.ts';
import { limits } from '../../core/limits.ts';

let clock: ManualClock;
let server: TestServer;
beforeEach(async () => {
  clock = new ManualClock();
  server = await openTestServer({ services: [testService('noop', 'noop')], clock });
});
afterEach(() => server.closeAll());

const submit = async (): Promise<string> =>
  JSON.parse((await call(`${server.url}/v1/noop?runAt=300d&fresh=true`, { method: 'POST', body: onePixelPng })).body).id;

test('behind a day all jobs are to be read anew, the history of one job is told whole', async () => {
  const old = await submit();
  clock.advance(limits.liveResumeMs + 1);
  const live = await openLive(server.url);
  const { since } = await live.ask({ id: 1, type: 'subscribe', topics: ['jobs'] });
  live.send({ id: 2, type: 'subscribe', topics: ['jobs'], since: '0' });
  live.send({ id: 3, type: 'subscribe', topics: [`job:${old}`], since: '0' });
  await live.ask({ id: 4, type: 'ping' });
  expect(live.told()).toEqual(['result', 'result', 'resync', 'result', `job:${old} job.queued`, 'result']);
  expect(live.messages[2]).toEqual({ type: 'resync', topics: ['jobs'], since });
  const id = await submit();
  await eventually('it is told', () => live.types('jobs', id).length === 1);
});

test('just within a day nothing is lost', async () => {
  const live = await openLive(server.url);
  const { since } = await live.ask({ id: 1, type: 'subscribe', topics: ['jobs'] });
  live.socket.terminate();
  const missed = await submit();
  clock.advance(limits.liveResumeMs - 1);
  const again = await openLive(server.url);
  again.send({ id: 1, type: 'subscribe', topics: ['jobs'], ...(since === undefined ? {} : { since }) });
  await again.ask({ id: 2, type: 'ping' });
  expect(again.types('jobs', missed)).toEqual(['job.queued']);
});

test('a place that is beyond the log, of another database, say, is answered with resync', async () => {
  const live = await openLive(server.url);
  live.send({ id: 1, type: 'subscribe', topics: ['jobs'], since: Buffer.from('e999').toString('base64url') });
  await live.ask({ id: 2, type: 'ping' });
  expect(live.told()).toEqual(['result', 'resync', 'result']);
});

test('a client that answers no ping is cut off, one that does stays', async () => {
  const live = await openLive(server.url);
  const dead = await openRawLive(server.port);
  const ended = new Promise((resolve) => dead.socket.once('close', resolve));
  const pinged = new Promise((resolve) => live.socket.once('ping', resolve));
  clock.advance(limits.liveHeartbeatMs);
  await pinged;
  // The answer to a command comes behind that to the ping.
  await live.ask({ id: 1, type: 'ping' });
  clock.advance(limits.liveHeartbeatMs);
  await ended;
  expect(await live.ask({ id: 2, type: 'ping' })).toMatchObject({ success: true });
});

test('an event of which the notice was lost is told a second later', async () => {
  const live = await openLive(server.url);
  await live.ask({ id: 1, type: 'subscribe', topics: ['jobs'] });
  const id = await submit();
  await eventually('it is told', () => live.types('jobs', id).length === 1);
  const job = await server.parts.store.get(id);
  if (job === null) throw new Error('no job');
  // Nothing is said on the bus.
  await server.parts.store.change({
    next: { ...job, version: job.version + 1, priority: 5 },
    event: { type: 'job.queued', data: { reason: 'quietly' } },
    fence: { version: job.version },
  });
  clock.advance(1_000);
  await eventually('it is told', () => live.types('jobs', id).length === 2);
});

test('progress is told live, keeps behind what it belongs to, and its id is good for going on', async () => {
  const live = await openLive(server.url);
  await live.ask({ id: 1, type: 'subscribe', topics: ['jobs'] });
  const id = await submit();
  await eventually('it is told', () => live.types('jobs', id).length === 1);
  const notice = { kind: 'progress', job: id, caller: 'anonymous', service: 'noop' } as const;
  server.parts.bus.publish({ ...notice, progress: { fraction: 0.25, message: null } });
  server.parts.bus.publish({ ...notice, progress: { fraction: 0.5, message: 'half' } });
  await eventually('it is told', () => live.types('jobs', id).includes('job.progress'));
  expect(live.types('jobs', id)).toEqual(['job.queued', 'job.progress']);
  expect(live.messages.at(-1)).toMatchObject({ event: { data: { service: 'noop', fraction: 0.5, message: 'half' } } });
  const later = await submit();
  const again = await openLive(server.url);
  again.send({ id: 1, type: 'subscribe', topics: ['jobs'], since: live.ids()[1] ?? '' });
  await again.ask({ id: 2, type: 'ping' });
  expect(again.told()).toEqual(['result', 'jobs job.queued', 'result']);
  expect(again.types('jobs', later)).toEqual(['job.queued']);
});
