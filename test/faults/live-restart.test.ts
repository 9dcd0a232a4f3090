import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, type JobEventView, type JobsEvent, type WatchEvent } from '../../src/client/client.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

const kills = 3;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startProgram(folder.path, ['--workers', '1']);
});
afterAll(async () => {
  await server.end('SIGKILL');
  await folder.remove();
});

async function restart(): Promise<void> {
  await server.end('SIGKILL');
  server = await startProgram(folder.path, ['--workers', '1', '--port', new URL(server.url).port]);
}

const isLogged = (event: JobsEvent | WatchEvent): event is JobEventView => 'id' in event;

/** Collects what a watcher is told of the history; resolves when it ends. */
function collect(events: AsyncIterable<JobsEvent | WatchEvent>): { heard: JobEventView[]; ended: Promise<void> } {
  const heard: JobEventView[] = [];
  const ended = (async () => {
    for await (const event of events) if (isLogged(event)) heard.push(event);
  })();
  return { heard, ended };
}

test('whoever watches over WebSockets or event streams hears every event once and in order, though the server is killed', {
  timeout: 120_000,
}, async () => {
  const client = createClient({
    baseUrl: server.url,
    retry: { firstDelayMs: 20, longestDelayMs: 200, attemptsMax: 100, reconnectsMax: 100 },
  });
  const leave = new AbortController();
  const all = [
    collect(client.watchJobs('all', { signal: leave.signal })),
    collect(client.watchJobs('all', { signal: leave.signal })),
  ];
  const submit = async (runAt?: string) =>
    client.submit({
      service: 'thumbnails',
      source: new Uint8Array(onePixelPng),
      fresh: true,
      ...(runAt === undefined ? {} : { runAt }),
    });
  await eventually('both are there', async () => {
    const probe = await submit();
    await client.wait(probe.id);
    return all.every(({ heard }) => heard.some(({ job }) => job === probe.id));
  });
  const ids: string[] = [];
  for (let n = 0; n < 4; n += 1) ids.push((await submit('2s')).id);
  const streams = ids.map((id) => collect(client.watch(id)));
  const given = collect(client.watchJobs(ids));
  for (let round = 0; round < kills; round += 1) {
    for (let n = 0; n < 10; n += 1) ids.push((await submit()).id);
    await restart();
  }
  for (const id of ids) await client.wait(id);
  await Promise.all([...streams, given].map(({ ended }) => ended));

  const history = async (id: string): Promise<JobEventView[]> =>
    ((await (await fetch(`${server.url}/v1/jobs/${id}/events`)).json()) as { items: JobEventView[] }).items;
  const short = (events: readonly JobEventView[]) => events.map(({ id, job, type }) => `${job} ${type} ${id}`);
  for (const [index, id] of ids.entries()) {
    const told = short(await history(id));
    for (const { heard } of all) {
      await eventually(`all of ${id} is told`, () => heard.filter(({ job }) => job === id).length >= told.length);
      expect(short(heard.filter(({ job }) => job === id))).toEqual(told);
    }
    if (index >= 4) continue;
    expect(short(given.heard.filter(({ job }) => job === id))).toEqual(told);
    expect(short(streams[index]?.heard ?? [])).toEqual(told);
  }
  const [one, other] = all.map(({ heard }) => short(heard));
  // They may have begun at different events.
  const common = Math.min(one?.length ?? 0, other?.length ?? 0);
  expect(one?.slice(-common)).toEqual(other?.slice(-common));
  leave.abort(new Error('enough'));
  for (const { ended } of all) await expect(ended).rejects.toThrow('enough');
});
