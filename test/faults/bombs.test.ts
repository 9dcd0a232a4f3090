import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bomb, quickBombs, slowBombs } from '../support/bombs.ts';
import { recordFigure } from '../support/figures.ts';
import { type Program, startProgram, temporaryFolder } from '../support/program.ts';
import { corporaAreHere, specimens } from '../support/specimens.ts';
import {
  type Ending,
  executorRestarts,
  expectNothingLeft,
  growthOf,
  isTyped,
  limitsPassed,
  lineOf,
  megabytes,
  runTrials,
  type ServiceName,
  watchServer,
  worstOf,
} from '../support/trials.ts';

/** Also those that keep a decoder busy up to its limits, for minutes: COATCHECK_TEST_CORPUS=all npx vitest run test/faults/bombs.test.ts */
const isWhole = process.env.COATCHECK_TEST_CORPUS === 'all';
const services: readonly ServiceName[] = ['thumbnails', 'ocr', 'tables'];
const atOnce = 50;
const hours = 3_600_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;
let bombs: Bomb[];

beforeAll(async () => {
  folder = await temporaryFolder();
  [server, bombs] = await Promise.all([startProgram(folder.path, ['--log-level', 'warn', '--workers', '2']), allBombs()]);
}, 10 * 60_000);

afterAll(async () => {
  await server.end('SIGTERM');
  await folder.remove();
});

async function allBombs(): Promise<Bomb[]> {
  const known = corporaAreHere ? (await specimens()).filter(({ name }) => /bomb|limit|\d{5}x\d{5}|enormous/.test(name)) : [];
  return [...known, ...(await quickBombs()), ...(isWhole ? await slowBombs() : [])];
}

async function run(name: string, of: readonly Bomb[], clients: number): Promise<Ending[]> {
  const stop = watchServer(server);
  const trials = of.flatMap(({ name, bytes }) => services.map((service) => ({ name, service, bytes, options: { pages: '1' } })));
  const endings = await runTrials(server, trials.map(withOwnOptions), clients);
  const { deadProbes, residentBytes } = await stop();
  if (isWhole) console.log(endings.map(lineOf).join('\n'));
  const { restarts } = await executorRestarts(server);
  const slowest = worstOf(endings, ({ seconds }) => seconds);
  const largest = worstOf(endings, ({ peakBytes }) => peakBytes);
  recordFigure(11, `${name}: ${endings.length} jobs, slowest ${slowest}; largest ${largest}`);
  recordFigure(
    11,
    `${name}: memory of the server at most ${megabytes(Math.max(...residentBytes))}, executors replaced ${restarts} times`,
  );
  expect(endings.filter((ending) => !isTyped(ending)).map(lineOf)).toEqual([]);
  expect(await limitsPassed(server, endings)).toEqual([]);
  expect({ deadProbes, ended: await Promise.race([server.ended, null]) }).toEqual({ deadProbes: 0, ended: null });
  const { before, after } = growthOf(residentBytes);
  expect(after).toBeLessThan(before * 1.5 + 100 * 1024 ** 2);
  await expectNothingLeft(folder.path);
  return endings;
}

/** Thumbnails are of the first page anyway. */
function withOwnOptions<T extends { readonly service: ServiceName }>(trial: T): T & { options: Record<string, string> } {
  return { ...trial, options: trial.service === 'ocr' ? { outputs: 'text', pages: '1' } : {} };
}

test('one by one, each bomb is refused, fails, or is done within its limits', { timeout: 2 * hours }, async () => {
  const endings = await run('bombs one by one', bombs, 1);
  expect(endings.length).toBe(bombs.length * services.length);
});

test(`so do ${atOnce} at once`, { timeout: 2 * hours }, async () => {
  const many = Array.from({ length: Math.ceil(atOnce / services.length / bombs.length) }, () => bombs).flat();
  await run(`${atOnce} bombs at once`, many.slice(0, Math.max(bombs.length, atOnce / services.length)), atOnce);
});
