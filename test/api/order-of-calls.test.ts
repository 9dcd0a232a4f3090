import fc, { type AsyncCommand } from 'fast-check';
import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canBecome, type JobState } from '../../src/core/job.ts';
import { workOnAction } from '../../src/engine/actions.ts';
import { type ApiDescription, readDescription } from '../support/api-description.ts';
import { asJson, ask, type Calls, type Model, type ModelFile, type ModelJob, type Told } from '../support/call-model.ts';
import { testService } from '../support/engine.ts';
import { recordFigure } from '../support/figures.ts';
import { call, openTestServer, type TestServer } from '../support/http-server.ts';
import { liveFaultsOf } from '../support/live-faults.ts';
import { type LiveClient, openLive } from '../support/live-socket.ts';
import { onePixelPng } from '../support/pictures.ts';
import { randomRuns } from '../support/random-runs.ts';

/**
 * Calls in any order: things are made, used, deleted and used again, and after each call what must be true is. More sessions, or
 * the same again: COATCHECK_TEST_CASES=500 COATCHECK_TEST_SEED=7 npx vitest run test/api/order-of-calls.test.ts
 */
const runs = randomRuns(20);
const callsMax = 40;

type Command = AsyncCommand<Model, Calls>;

const sleep = testService('sleep', 'sleep', {
  contract: {
    options: Type.Object({ ms: Type.Integer({ default: 0 }) }, { additionalProperties: false }),
    result: Type.Object({}),
  },
  limits: { timeMs: 600_000, memoryBytes: 512 * 1024 ** 2 },
});
const scripted = testService('scripted', 'scripted', {
  contract: {
    options: Type.Object({ act: Type.Enum(['copy', 'reject'], { default: 'copy' }) }, { additionalProperties: false }),
    result: Type.Object({ file: Type.String() }),
  },
});

let server: TestServer;
let api: ApiDescription;
let live: LiveClient;
let liveFaults: ReturnType<typeof liveFaultsOf>;
beforeAll(async () => {
  server = await openTestServer({ services: [scripted, sleep], executors: 2 });
  api = readDescription((await call(`${server.url}/openapi.json`)).body);
  liveFaults = liveFaultsOf((await call(`${server.url}/asyncapi.json`)).body);
  live = await openLive(server.url);
  await live.ask({ id: 1, type: 'subscribe', topics: ['jobs', 'queues'] });
});
afterAll(() => server.closeAll());

/** One of what there is; undefined where there is nothing yet. */
const pick = <T>(all: readonly T[], index: number): T | undefined => all[index % Math.max(1, all.length)];

interface Submission {
  readonly way: 'file' | 'base64' | 'form' | 'raw' | 'output' | 'batch';
  readonly does: 'copy' | 'reject' | 'sleep';
  readonly waits: boolean;
  readonly key: string | null;
  readonly index: number;
}

/** Hands in a job; `from` is the file or the job that it is to work on. */
async function submit(model: Model, calls: Calls, asked: Submission): Promise<void> {
  const { way, does, waits, key, index } = asked;
  const file = way === 'file' || way === 'batch' ? pick(model.files, index) : undefined;
  const job = way === 'output' ? pick(model.jobs, index) : undefined;
  const service = does === 'sleep' ? 'sleep' : 'scripted';
  const options = does === 'sleep' ? { ms: 600_000 } : { act: does };
  const settings = { labels: { run: calls.run }, fresh: true, ...(waits ? { runAt: '10h' } : {}) };
  const source =
    file !== undefined ? { file: file.id } : job !== undefined ? { job: job.id } : { base64: onePixelPng.toString('base64') };
  const headers = key === null ? {} : { 'idempotency-key': `${calls.run}-${key}-${model.replays.length}` };
  const sent = {
    file: () => asJson({ source, options, ...settings }, headers),
    base64: () => asJson({ source, options, ...settings }, headers),
    output: () => asJson({ source, options, ...settings }, headers),
    batch: () => asJson({ jobs: [{ service, source, options, ...settings }] }, headers),
    form: () => ({
      headers: { 'content-type': 'multipart/form-data; boundary=b', ...headers },
      body: Buffer.concat([
        Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'),
        onePixelPng,
        Buffer.from(
          `\r\n--b\r\nContent-Disposition: form-data; name="request"\r\n\r\n${JSON.stringify({ options, ...settings })}\r\n--b--\r\n`,
        ),
      ]),
    }),
    raw: () => ({ headers: { 'content-type': 'image/png', ...headers }, body: onePixelPng }),
  }[way]();
  const query = new URLSearchParams({
    ...Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)])),
    'label.run': calls.run,
    fresh: 'true',
    ...(waits ? { runAt: '10h' } : {}),
  });
  const path = way === 'batch' ? '/v1/jobs' : way === 'raw' ? `/v1/${service}?${query}` : `/v1/${service}`;
  const before = job === undefined || job.deleted ? null : (await ask(calls, 'getJob', `/v1/jobs/${job.id}`)).json.state;
  const answer = await ask(calls, way === 'batch' ? 'submitJobs' : `submit-${service}`, path, sent);
  const made = way === 'batch' ? memberOf(answer) : answer.json;
  const refusal = way === 'batch' ? (made.problem === undefined ? null : String(Object(made.problem).type)) : answer.problem;
  // A call of many jobs is answered, and its key is used, also where none of them was taken.
  if (key !== null && answer.status < 300) model.replays.push({ path, sent: { ...sent, method: 'POST' }, first: answer });
  if (file?.deleted === true || job?.deleted === true) {
    expect(refusal).toBe('/problems/not-found');
    calls.tally.freed += 1;
    return;
  }
  // A running job may end in between: only what stays is sure.
  if (job !== undefined && refusal !== null) {
    expect(['queued', 'running', 'failed', 'canceled']).toContain(before);
    expect(['/problems/job-not-finished', '/problems/job-failed', '/problems/job-canceled']).toContain(refusal);
    return;
  }
  expect(refusal).toBeNull();
  model.jobs.push({ id: String(made.id), file: file ?? null, waits, deleted: false, canceled: false });
}

function memberOf({ json }: Told): Record<string, unknown> {
  return Object(Array.isArray(json.items) ? json.items[0] : undefined);
}

/** Nothing of a job that was deleted is left, wherever it is asked for. */
async function expectGone(calls: Calls, { id }: ModelJob): Promise<void> {
  const uses = [
    ['getJob', ''],
    ['getResult', '/result'],
    ['jobEvents', '/events'],
    ['cancelJob', '/cancel'],
    ['retryJob', '/retry'],
    ['deleteJob', ''],
  ] as const;
  for (const [operation, rest] of uses)
    expect([operation, (await ask(calls, operation, `/v1/jobs/${id}${rest}`)).status]).toEqual([operation, 404]);
  expect((await ask(calls, 'pollJob', `/v1/queue/${id}`)).status).toBe(404);
  calls.tally.freed += uses.length + 1;
}

async function readJob(calls: Calls, job: ModelJob): Promise<void> {
  if (job.deleted) return expectGone(calls, job);
  const { status, json } = await ask(calls, 'getJob', `/v1/jobs/${job.id}`);
  expect([status, json.id]).toEqual([200, job.id]);
  if (job.canceled) expect(json.state).toBe('canceled');
  const result = await ask(calls, 'getResult', `/v1/jobs/${job.id}/result`);
  const polled = await ask(calls, 'pollJob', `/v1/queue/${job.id}`);
  if (json.state === 'succeeded') expect([result.status, polled.status]).toEqual([200, 303]);
  if (json.state === 'failed') expect([result.problem, polled.status]).toEqual(['/problems/job-failed', 200]);
  if (json.state === 'canceled') expect([result.problem, polled.status]).toEqual(['/problems/job-canceled', 200]);
  await readHistory(calls, job);
}

const stateOf: Readonly<Record<string, JobState>> = {
  'job.queued': 'queued',
  'job.started': 'running',
  'job.retrying': 'queued',
  'job.released': 'queued',
  'job.succeeded': 'succeeded',
  'job.failed': 'failed',
  'job.canceled': 'canceled',
};

/** The history is one of states that may follow each other; it goes on behind any of its lines, as JSON and as a stream. */
async function readHistory(calls: Calls, { id }: ModelJob): Promise<void> {
  const { json } = await ask(calls, 'jobEvents', `/v1/jobs/${id}/events`);
  const items: { id: string; type: string }[] = Array.isArray(json.items) ? json.items : [];
  const states = items.flatMap(({ type }) => stateOf[type] ?? []);
  for (const [at, state] of states.slice(1).entries()) {
    const before = states[at] ?? 'queued';
    if (before !== state) expect({ before, state, may: canBecome(before, state) }).toEqual({ before, state, may: true });
  }
  const middle = items[Math.floor(items.length / 2)];
  if (middle === undefined) throw new Error(`the job ${id} has no history`);
  const rest = await ask(calls, 'jobEvents', `/v1/jobs/${id}/events`, { headers: { 'last-event-id': middle.id } });
  const behind = items.slice(items.indexOf(middle) + 1).map((event) => event.id);
  expect(
    (Array.isArray(rest.json.items) ? rest.json.items : []).map((event) => String(event.id)).slice(0, behind.length),
  ).toEqual(behind);
  const last = items.at(-1);
  if (last === undefined || !['job.succeeded', 'job.failed', 'job.canceled'].includes(last.type)) return;
  const stream = await ask(calls, 'jobEvents', `/v1/jobs/${id}/events`, { headers: { accept: 'text/event-stream' } });
  expect([...stream.body.matchAll(/^id: ?(.+)$/gm)].map(([, event]) => event)).toEqual(items.map((event) => event.id));
  const nothing = { headers: { accept: 'text/event-stream', 'last-event-id': last.id } };
  expect((await ask(calls, 'jobEvents', `/v1/jobs/${id}/events`, nothing)).status).toBe(204);
}

async function cancelJob(calls: Calls, job: ModelJob): Promise<void> {
  if (job.deleted) return expectGone(calls, job);
  const { status, json, problem } = await ask(calls, 'cancelJob', `/v1/jobs/${job.id}/cancel`);
  if (status === 200) {
    expect(json.state).toBe('canceled');
    job.canceled = true;
    return;
  }
  expect([problem, job.waits, job.canceled]).toEqual(['/problems/job-not-cancellable', false, false]);
  expect(['succeeded', 'failed']).toContain((await ask(calls, 'getJob', `/v1/jobs/${job.id}`)).json.state);
}

async function retryJob(calls: Calls, job: ModelJob): Promise<void> {
  if (job.deleted) return expectGone(calls, job);
  const { status, json, problem } = await ask(calls, 'retryJob', `/v1/jobs/${job.id}/retry`);
  if (status === 202) {
    expect(json.state).toBe('queued');
    job.canceled = false;
    job.waits = false;
    return;
  }
  // What an earlier job made may have gone with that.
  if (problem === '/problems/input-expired') expect(job.file === null || job.file.deleted).toBe(true);
  else expect([problem, job.canceled]).toEqual(['/problems/job-not-retryable', false]);
}

/** Ids of all files that a job brought or made, where they go with it. */
async function filesOf(calls: Calls, job: ModelJob): Promise<string[]> {
  const { json } = await ask(calls, 'getJob', `/v1/jobs/${job.id}`);
  const result = await ask(calls, 'getResult', `/v1/jobs/${job.id}/result`);
  const made = typeof result.json.file === 'string' ? [result.json.file] : [];
  // What another job made stays with that; it is not known here which way the source came.
  return json.state === 'succeeded' && !(await isUsed(calls, job.id, made)) ? made : [];
}

/** Whether an other job still works, or will, on one of the files: until then it stays. */
async function isUsed(calls: Calls, owner: string, files: readonly string[]): Promise<boolean> {
  const { json } = await ask(calls, 'listJobs', '/v1/jobs?limit=1000');
  const jobs = Array.isArray(json.items) ? json.items : [];
  return jobs.some(
    ({ id, state, source }) => id !== owner && (state === 'queued' || state === 'running') && files.includes(source?.file),
  );
}

async function deleteJob(calls: Calls, job: ModelJob): Promise<void> {
  if (job.deleted) return expectGone(calls, job);
  const made = await filesOf(calls, job);
  expect((await ask(calls, 'deleteJob', `/v1/jobs/${job.id}`)).status).toBe(204);
  job.deleted = true;
  await expectGone(calls, job);
  for (const file of made) {
    expect((await ask(calls, 'getFile', `/v1/files/${file}`)).status).toBe(404);
    expect((await ask(calls, 'submit-scripted', '/v1/scripted', asJson({ source: { file } }))).status).toBe(404);
    calls.tally.freed += 2;
  }
}

async function deleteFile(model: Model, calls: Calls, file: ModelFile): Promise<void> {
  const users = model.jobs.filter((job) => job.file === file && !job.deleted);
  const states = await Promise.all(users.map(async ({ id }) => (await ask(calls, 'getJob', `/v1/jobs/${id}`)).json.state));
  const isActive = (state: unknown) => state === 'queued' || state === 'running';
  const { status, problem } = await ask(calls, 'deleteFile', `/v1/files/${file.id}`);
  if (file.deleted) return expect(status).toBe(404);
  if (status === 204) {
    expect(users.filter((job, at) => job.waits && isActive(states[at]))).toEqual([]);
    file.deleted = true;
    expect((await ask(calls, 'getFile', `/v1/files/${file.id}`)).status).toBe(404);
    calls.tally.freed += 1;
    return;
  }
  expect([problem, states.some(isActive)]).toEqual(['/problems/resource-in-use', true]);
}

/** An action is waited for; then it has been done to every one of its jobs. */
async function act(model: Model, calls: Calls, action: 'cancel' | 'retry' | 'delete', jobs: readonly ModelJob[]): Promise<void> {
  const known = [...new Set(jobs)];
  const answer = await ask(calls, 'actOnJobs', '/v1/jobs/actions', asJson({ action, ids: known.map(({ id }) => id) }));
  expect(answer.status).toBe(202);
  const id = String(answer.json.id);
  model.actions.push(id);
  const read = () => ask(calls, 'getAction', `/v1/jobs/actions/${id}`);
  // The loop that does so in the program.
  while ((await workOnAction(server.parts)) > 0);
  expect((await read()).json.state).toBe('done');
  const { counts } = (await read()).json;
  expect(Object(counts).missing).toBe(known.filter((job) => job.deleted).length);
  for (const job of known.filter((each) => !each.deleted)) {
    if (action === 'delete') job.deleted = true;
    const { status, json } = await ask(calls, 'getJob', `/v1/jobs/${job.id}`);
    expect([action, status]).toEqual([action, action === 'delete' ? 404 : 200]);
    if (action === 'cancel') {
      expect(['succeeded', 'failed', 'canceled']).toContain(json.state);
      job.canceled = json.state === 'canceled';
    }
    if (action === 'retry' && job.canceled) {
      job.canceled = json.state === 'canceled';
      job.waits &&= job.canceled;
    }
  }
}

/** Page by page, each job of the session that is not deleted comes once, the newest first. */
async function listAll(model: Model, calls: Calls, limit: number): Promise<void> {
  const ids: string[] = [];
  let next: string = `/v1/jobs?label.run=${calls.run}&limit=${limit}`;
  while (next !== '') {
    const { status, headers, json } = await ask(calls, 'listJobs', next);
    expect(status).toBe(200);
    ids.push(...(Array.isArray(json.items) ? json.items : []).map((job) => String(job.id)));
    next = /<(.+)>; rel="next"/.exec(String(headers.link))?.[1] ?? '';
    expect(next === '').toBe(json.nextCursor === null);
  }
  const alive = model.jobs.filter((job) => !job.deleted).map(({ id }) => id);
  expect(ids).toEqual([...alive].sort().reverse());
}

/** The ids of one kind are none of another kind. */
async function useWrongly(model: Model, calls: Calls, index: number): Promise<void> {
  const job = pick(model.jobs, index)?.id;
  const file = pick(model.files, index)?.id;
  const action = pick(model.actions, index);
  const before = calls.tally.requests;
  for (const id of [file, action].filter((each) => each !== undefined))
    for (const [operation, path] of [
      ['getJob', `/v1/jobs/${id}`],
      ['deleteJob', `/v1/jobs/${id}`],
      ['pollJob', `/v1/queue/${id}`],
      ['cancelJob', `/v1/jobs/${id}/cancel`],
    ] as const)
      expect([operation, (await ask(calls, operation, path)).status]).toEqual([operation, 404]);
  for (const id of [job, action].filter((each) => each !== undefined)) {
    expect((await ask(calls, 'getFile', `/v1/files/${id}`)).status).toBe(404);
    expect((await ask(calls, 'deleteFile', `/v1/files/${id}`)).status).toBe(404);
    expect((await ask(calls, 'submit-scripted', '/v1/scripted', asJson({ source: { file: id } }))).status).toBe(404);
  }
  for (const id of [job, file].filter((each) => each !== undefined))
    expect((await ask(calls, 'getAction', `/v1/jobs/actions/${id}`)).status).toBe(404);
  calls.tally.wrongKinds += calls.tally.requests - before;
}

async function replay(calls: Calls, { path, sent, first }: Model['replays'][number]): Promise<void> {
  calls.tally.requests += 1;
  const again = await call(calls.url + path, sent);
  expect([again.status, again.body, again.headers['idempotent-replayed']]).toEqual([first.status, first.body, 'true']);
  calls.tally.requests += 1;
  const other = await call(calls.url + path, { ...sent, ...asJson({ another: 'request' }, { ...sent.headers }) });
  expect([400, 415, 422]).toContain(other.status);
}

/** A step that is taken on one of what there is, and skipped where there is nothing. */
function step<T>(
  name: string,
  of: (model: Model) => T | undefined,
  run: (model: Model, calls: Calls, on: T) => Promise<void>,
): Command {
  return {
    check: (model) => of(model) !== undefined,
    run: async (model, calls) => {
      const on = of(model);
      if (on !== undefined) await run(model, calls, on);
    },
    toString: () => name,
  };
}

const index = fc.nat({ max: 20 });
const onJob = (name: string, run: (model: Model, calls: Calls, job: ModelJob) => Promise<void>) =>
  index.map((at) => step(`${name}(${at})`, (model) => pick(model.jobs, at), run));
const always = (name: string, run: (model: Model, calls: Calls) => Promise<void>): Command => step(name, () => true, run);

const submissions: fc.Arbitrary<Submission> = fc.record({
  way: fc.constantFrom('file', 'base64', 'form', 'raw', 'output', 'batch'),
  does: fc.constantFrom('copy', 'copy', 'reject', 'sleep'),
  waits: fc.boolean(),
  key: fc.constantFrom(null, 'a'),
  index,
});

const commands = [
  submissions.map((asked) => always(`submit(${JSON.stringify(asked)})`, (model, calls) => submit(model, calls, asked))),
  submissions.map((asked) => always(`submit(${JSON.stringify(asked)})`, (model, calls) => submit(model, calls, asked))),
  fc.constant(
    always('upload', async (model, calls) => {
      const { status, json } = await ask(calls, 'uploadFile', '/v1/files', { body: onePixelPng });
      expect(status).toBe(201);
      model.files.push({ id: String(json.id), deleted: false });
    }),
  ),
  onJob('read', (_, calls, job) => readJob(calls, job)),
  onJob('cancel', (_, calls, job) => cancelJob(calls, job)),
  onJob('retry', (_, calls, job) => retryJob(calls, job)),
  onJob('delete', (_, calls, job) => deleteJob(calls, job)),
  onJob('settle', async (_, calls, job) => {
    if (!job.deleted) await ask(calls, 'getJob', `/v1/jobs/${job.id}?wait=50ms`);
  }),
  index.map((at) => step(`deleteFile(${at})`, (model) => pick(model.files, at), deleteFile)),
  index.map((at) =>
    step(
      `replay(${at})`,
      (model) => pick(model.replays, at),
      (_, calls, again) => replay(calls, again),
    ),
  ),
  index.map((at) => always(`useWrongly(${at})`, (model, calls) => useWrongly(model, calls, at))),
  fc.integer({ min: 1, max: 5 }).map((limit) => always(`list(${limit})`, (model, calls) => listAll(model, calls, limit))),
  fc.tuple(fc.constantFrom('cancel', 'retry', 'delete'), fc.array(index, { minLength: 1, maxLength: 4 })).map(([action, at]) =>
    step(
      `act(${action}, ${at})`,
      (model) => (model.jobs.length === 0 ? undefined : at.flatMap((each) => pick(model.jobs, each) ?? [])),
      (model, calls, jobs) => act(model, calls, action, jobs),
    ),
  ),
  fc.constantFrom('pause', 'resume', 'resume').map((verb) =>
    always(verb, async (_, calls) => {
      const { status, json } = await ask(calls, `${verb}Queue`, `/v1/queues/scripted/${verb}`);
      expect([status, json.paused]).toEqual([200, verb === 'pause']);
    }),
  ),
];

test.each(runs)('no order of calls breaks it (seed $seed)', { timeout: 3_600_000 }, async (run) => {
  const tally = { requests: 0, freed: 0, wrongKinds: 0, heard: 0 };
  let sessions = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: callsMax, size: 'max' }), async (steps) => {
      sessions += 1;
      const calls: Calls = { url: server.url, api, run: `${run.seed}-${sessions}`, tally };
      const model: Model = { jobs: [], files: [], actions: [], replays: [] };
      try {
        await fc.asyncModelRun(() => ({ model, real: calls }), steps);
        for (const job of model.jobs) await readJob(calls, job);
        await listAll(model, calls, 100);
        const heard = live.messages.splice(0);
        tally.heard += heard.length;
        expect(liveFaults(heard)).toEqual([]);
      } finally {
        await ask(calls, 'resumeQueue', '/v1/queues/scripted/resume');
        if (model.jobs.some((job) => !job.deleted)) await act(model, calls, 'delete', model.jobs);
      }
    }),
    run,
  );
  recordFigure(
    22,
    `${tally.requests} requests in ${sessions} sessions of up to ${callsMax} steps, seed ${run.seed}: ${tally.freed} uses of what was deleted and ${tally.wrongKinds} ids of another kind, all 404; 0 canceled jobs that went on, 0 lists with gaps or doubles, 0 5xx, 0 answers and 0 of ${tally.heard} live messages off the description`,
  );
});
