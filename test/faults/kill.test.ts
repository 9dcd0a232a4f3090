import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordFigure } from '../support/figures.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

/** More for a soak: COATCHECK_TEST_KILLS=200 COATCHECK_TEST_KILL_JOBS=100000 npx vitest run test/faults/kill.test.ts */
const kills = Number(process.env.COATCHECK_TEST_KILLS ?? 51);
/** Jobs that are acknowledged at least, spread evenly over the kills. */
const jobsMin = Number(process.env.COATCHECK_TEST_KILL_JOBS ?? kills * 5);
const clients = 6;
const victims = ['server', 'executor', 'both'] as const;

interface JobView {
  id: string;
  state: string;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startServer();
});

afterAll(async () => {
  await server.end('SIGKILL');
  await folder.remove();
});

function startServer(): Promise<Program> {
  return startProgram(folder.path, ['--workers', '2']);
}

async function read<T>(path: string): Promise<T> {
  const response = await fetch(`${server.url}${path}`, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`${path} answers ${response.status}`);
  return (await response.json()) as T;
}

/** Hands in the same job under the same key until it is acknowledged, as a careful client does. */
async function submitUntilAcknowledged(): Promise<string> {
  const key = randomUUID();
  for (;;) {
    try {
      const response = await fetch(`${server.url}/v1/thumbnails?fresh=true`, {
        method: 'POST',
        headers: { 'content-type': 'image/png', 'idempotency-key': key },
        body: new Uint8Array(onePixelPng),
        signal: AbortSignal.timeout(10_000),
      });
      const body = (await response.json()) as { id: string };
      if (response.status === 202) return body.id;
    } catch {
      // The server is being killed all the time; what matters is what it acknowledges.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function executorPids(): Promise<number[]> {
  type Workers = { items: { executors: { pid: number | null }[] }[] };
  const { items } = await read<Workers>('/v1/workers').catch((): Workers => ({ items: [] }));
  return items.flatMap(({ executors }) => executors.map(({ pid }) => pid)).filter((pid) => pid !== null);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just died by itself.
  }
}

async function killSomething(round: number): Promise<void> {
  const victim = victims[round % victims.length];
  if (victim !== 'server') for (const pid of await executorPids()) kill(pid);
  if (victim === 'executor') return;
  await server.end('SIGKILL');
  server = await startServer();
}

async function allJobs(): Promise<JobView[]> {
  const jobs: JobView[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: { items: JobView[]; nextCursor: string | null } = await read(
      `/v1/jobs?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    jobs.push(...page.items);
    cursor = page.nextCursor;
  }
  return jobs;
}

/** Jobs that wait or run. */
async function unfinished(): Promise<number> {
  const { items } = await read<{ items: { counts: { queued: number; running: number } }[] }>('/v1/queues');
  return items.reduce((sum, { counts }) => sum + counts.queued + counts.running, 0);
}

const timeout = 60_000 + kills * 6_000 + jobsMin * 30;

test(`every acknowledged job ends once, whatever is killed (${kills} kills)`, { timeout }, async () => {
  const acknowledged = new Set<string>();
  let loading = true;
  const load = Array.from({ length: clients }, async () => {
    while (loading) acknowledged.add(await submitUntilAcknowledged());
  });
  for (let round = 0; round < kills; round += 1) {
    const before = acknowledged.size;
    await eventually('some jobs were accepted', () => acknowledged.size >= before + jobsMin / kills, 30_000 + jobsMin * 20);
    await killSomething(round);
  }
  loading = false;
  await Promise.all(load);

  await eventually('nothing is queued or running', async () => (await unfinished()) === 0, 120_000 + jobsMin * 20);
  const jobs = await allJobs();
  const known = new Set(jobs.map(({ id }) => id));
  const lost = [...acknowledged].filter((id) => !known.has(id));
  const unexpected = jobs.filter(({ id }) => !acknowledged.has(id));
  let endedTwice = 0;
  let handedOutAgain = 0;
  const untilAgainMs: number[] = [];
  for (const { id } of jobs) {
    const { items } = await read<{ items: { type: string; at: string }[] }>(`/v1/jobs/${id}/events`);
    const startedAt = items.filter(({ type }) => type === 'job.started').map(({ at }) => Date.parse(at));
    untilAgainMs.push(...startedAt.slice(1).map((at, before) => at - (startedAt[before] ?? at)));
    const ends = items.filter(({ type }) => ['job.succeeded', 'job.failed', 'job.canceled'].includes(type));
    if (ends.length !== 1) endedTwice += 1;
    if (startedAt.length > 1) handedOutAgain += 1;
  }
  const failed = jobs.filter(({ state }) => state !== 'succeeded').length;
  recordFigure(1, `lost ${lost.length}, unexpected ${unexpected.length} of ${acknowledged.size} acknowledged, ${kills} kills`);
  recordFigure(
    2,
    `handed out again ${handedOutAgain}, results stored twice ${endedTwice}, failed after all attempts ${failed} of ${jobs.length} jobs, ${kills} kills`,
  );
  const share = (part: number) => untilAgainMs.toSorted((a, b) => a - b)[Math.ceil(untilAgainMs.length * part) - 1] ?? 0;
  recordFigure(
    3,
    `from the first start to the next of ${untilAgainMs.length} jobs that lost their executor or server: median ${share(0.5)} ms, p99 ${share(0.99)} ms`,
  );
  expect({ lost, unexpected, endedTwice }).toEqual({ lost: [], unexpected: [], endedTwice: 0 });
  expect(jobs.length).toBe(acknowledged.size);
});
