import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordFigure } from '../support/figures.ts';
import { onePixelPng } from '../support/pictures.ts';
import { type Program, startProgram, temporaryFolder } from '../support/program.ts';

/** In full: COATCHECK_TEST_KEYS=1000 COATCHECK_TEST_SENDS=50 COATCHECK_TEST_SERVER_KILLS=10 npx vitest run test/faults/retried-posts.test.ts */
const keys = Number(process.env.COATCHECK_TEST_KEYS ?? 24);
const sends = Number(process.env.COATCHECK_TEST_SENDS ?? 12);
const kills = Number(process.env.COATCHECK_TEST_SERVER_KILLS ?? 2);

/** How many keys are under way at once, each with all of its sends. */
const keysAtOnce = 8;
/** Of the sends of a key, so many hang up: before, in the middle of, and right behind their body. */
const cuts = ['head', 'body', 'answer'] as const;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;
/** Resolves when the server that is being started again listens. */
let up: Promise<void> = Promise.resolve();

const start = () => startProgram(folder.path, ['--workers', '0']);

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await start();
});
afterAll(async () => {
  await up;
  await server.end('SIGKILL');
  await folder.remove();
});

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly replayed: boolean;
}

interface Post {
  readonly key: string;
  readonly body?: Buffer;
  /** Where the client hangs up. */
  readonly cut?: (typeof cuts)[number];
  /** Called when the request is half sent; the rest follows when it resolves. */
  readonly halfWay?: () => Promise<void>;
}

/** One POST over a connection of its own; null where it got no answer. */
function post({ key, body = onePixelPng, cut, halfWay = async () => undefined }: Post): Promise<Answer | null> {
  return new Promise((resolve) => {
    const sent = request(
      `${server.url}/v1/thumbnails?fresh=true&label.key=${key}`,
      {
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'image/png', 'content-length': body.length, 'idempotency-key': key },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', () => resolve(null));
        response.on('close', () => resolve(null));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: text, replayed: response.headers['idempotent-replayed'] === 'true' }),
        );
      },
    );
    // The server may be dead, and a cut is an error of ours: who sends again does not ask why.
    sent.on('error', () => resolve(null));
    const hangUp = () => sent.destroy();
    if (cut === 'head') {
      sent.flushHeaders();
      sent.once('socket', (socket) => socket.once('connect', hangUp));
      return;
    }
    sent.write(body.subarray(0, 20), () => {
      if (cut === 'body') return hangUp();
      void halfWay().then(() => sent.end(body.subarray(20), () => cut === 'answer' && hangUp()));
    });
  });
}

/** What became of the sends of a key. */
interface Outcome {
  readonly ids: Set<string>;
  readonly bodies: Set<string>;
  readonly statuses: Map<number | 'none', number>;
}

/** Sends a request until it has got its answer, as a careful client does. */
async function sendUntilAnswered(key: string, outcome: Outcome): Promise<void> {
  for (;;) {
    await up;
    const answer = await post({ key });
    const status = answer?.status ?? 'none';
    outcome.statuses.set(status, (outcome.statuses.get(status) ?? 0) + 1);
    if (answer?.status === 202) {
      outcome.ids.add(JSON.parse(answer.body).id);
      outcome.bodies.add(answer.body);
      return;
    }
    if (answer !== null) expect([409, 503]).toContain(answer.status);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function sendInParallel(key: string): Promise<Outcome> {
  const outcome: Outcome = { ids: new Set(), bodies: new Set(), statuses: new Map() };
  await Promise.all(
    Array.from({ length: sends }, async (_, at) => {
      // Every other client hangs up somewhere first, then sends again.
      if (at % 2 === 1) await post({ key, cut: cuts[(at >> 1) % cuts.length] ?? 'head' });
      await sendUntilAnswered(key, outcome);
    }),
  );
  return outcome;
}

/** Kills the server and starts it again over the same folder. */
function restart(): Promise<void> {
  up = (async () => {
    await server.end('SIGKILL');
    server = await start();
  })();
  return up;
}

async function jobs(): Promise<{ id: string; labels: { key: string } }[]> {
  const found: { id: string; labels: { key: string } }[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const response = await fetch(`${server.url}/v1/jobs?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`);
    const page: { items: { id: string; labels: { key: string } }[]; nextCursor: string | null } = await response.json();
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found;
}

test(`${keys} keys, each sent ${sends} times at once by clients that hang up, to a server that is killed ${kills} times, make ${keys} jobs`, {
  timeout: 60_000 + keys * sends * 40 + kills * 10_000,
}, async () => {
  const names = Array.from({ length: keys }, (_, at) => `key-${at}`);
  const outcomes = new Map<string, Outcome>();
  const left = names.values();
  let killed = 0;
  await Promise.all(
    Array.from({ length: keysAtOnce }, async () => {
      for (const name of left) {
        outcomes.set(name, await sendInParallel(name));
        // The kills are spread over the run; the keys beside this one are in the middle of their sends.
        if (killed < kills && outcomes.size >= ((killed + 1) * keys) / (kills + 1)) {
          killed += 1;
          await restart();
        }
      }
    }),
  );
  expect(killed).toBe(kills);

  const made = await jobs();
  const byKey = new Map(names.map((name) => [name, made.filter(({ labels }) => labels.key === name).map(({ id }) => id)]));
  const twice = names.filter((name) => (byKey.get(name)?.length ?? 0) > 1);
  const lost = names.filter((name) => (byKey.get(name)?.length ?? 0) === 0);
  const counts = new Map<number | 'none', number>();
  for (const { statuses } of outcomes.values())
    for (const [status, n] of statuses) counts.set(status, (counts.get(status) ?? 0) + n);
  expect({ twice, lost, jobs: made.length }).toEqual({ twice: [], lost: [], jobs: keys });
  for (const name of names) {
    expect([...(outcomes.get(name)?.ids ?? [])], name).toEqual(byKey.get(name));
    expect(outcomes.get(name)?.bodies.size, name).toBe(1);
  }

  await restart();
  const samples = names.filter((_, at) => at % Math.ceil(keys / 20) === 0);
  for (const name of samples) {
    expect(await post({ key: name })).toEqual({ status: 202, body: [...(outcomes.get(name)?.bodies ?? [])][0], replayed: true });
    const other = await post({ key: name, body: Buffer.concat([onePixelPng, Buffer.from('!')]) });
    expect([other?.status, JSON.parse(other?.body ?? '{}').type]).toEqual([422, '/problems/idempotency-key-reused']);
  }
  let inFlight: Answer | null = null;
  const first = await post({
    key: 'half-way',
    async halfWay() {
      inFlight = await post({ key: 'half-way' });
    },
  });
  expect(inFlight).toMatchObject({ status: 409, body: expect.stringContaining('/problems/idempotency-in-progress') });
  expect(first?.status).toBe(202);
  expect(await jobs()).toHaveLength(keys + 1);
  const told = [...counts].map(([status, n]) => `${n} ${status === 'none' ? 'unanswered' : `answered ${status}`}`).join(', ');
  recordFigure(
    8,
    `${made.length} jobs of ${keys} keys, each sent ${sends} times at once (${told}, and half of all hung up once before), ${kills + 1} kills of the server; other body 422, in flight 409, also after the last kill`,
  );
});
