import { afterAll, beforeAll, expect, test } from 'vitest';
import { pixelsEnd } from '../support/chunks.ts';
import { recordFigure } from '../support/figures.ts';
import { mutant } from '../support/mutations.ts';
import { type Program, startProgram, temporaryFolder } from '../support/program.ts';
import { Random, rotatingSeed } from '../support/random.ts';
import { corporaAreHere, type Specimen, specimens, wrongEnding } from '../support/specimens.ts';
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
  type Trial,
  watchServer,
  worstOf,
} from '../support/trials.ts';

/**
 * Real and broken files, and mutations of them, through all services (`tables` gets the PDFs). A sample that changes each day, or all of them:
 * COATCHECK_TEST_CORPUS=all COATCHECK_TEST_MUTATIONS=10 npx vitest run test/faults/corpora.test.ts
 * COATCHECK_TEST_SEED repeats a run; COATCHECK_TEST_OCR_SHARE is the share of the pictures whose mutations are read, too (0 to 1).
 */
const seed = rotatingSeed();
const random = new Random(seed);
const isWhole = process.env.COATCHECK_TEST_CORPUS === 'all';
const mutations = Number(process.env.COATCHECK_TEST_MUTATIONS ?? 1);
const ocrShare = Number(process.env.COATCHECK_TEST_OCR_SHARE ?? 0.25);
const atOnce = 24;
const hours = 3_600_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;
let chosen: Readonly<Record<ServiceName, Specimen[]>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startProgram(folder.path, ['--log-level', 'warn']);
  const all = await specimens();
  chosen = isWhole
    ? { thumbnails: all, ocr: all, tables: all.filter(isPdf) }
    : {
        thumbnails: random.sample(all, 40),
        ocr: random.sample(all.filter(isShort), 6),
        tables: random.sample(all.filter(isShort).filter(isPdf), 12),
      };
  console.log(
    `COATCHECK_TEST_SEED=${seed}, ${chosen.thumbnails.length} of ${all.length} files${corporaAreHere ? '' : ' made here'}`,
  );
});

afterAll(async () => {
  await server.end('SIGTERM');
  await folder.remove();
});

/** What is read in a second or two. */
function isShort({ bytes }: Specimen): boolean {
  return bytes.length < 50_000;
}

function isPdf({ name }: Specimen): boolean {
  return name.endsWith('.pdf');
}

const options: Readonly<Record<ServiceName, Record<string, string>>> = {
  thumbnails: {},
  ocr: { outputs: 'text' },
  tables: { outputs: 'json,csv,xlsx,html,xml' },
};

/** Each with the file that it came from. */
interface Case extends Trial {
  readonly specimen: Specimen;
  /** It has lost pixels. */
  readonly isCut: boolean;
}

function plainCases(service: ServiceName): Case[] {
  return chosen[service].map((specimen) => ({
    service,
    specimen,
    name: specimen.name,
    bytes: specimen.bytes,
    options: options[service],
    isCut: false,
  }));
}

function mutatedCases(service: ServiceName): Case[] {
  const isTaken = (specimen: Specimen) =>
    service === 'thumbnails' || isPdf(specimen) || !isWhole || random.below(1000) < ocrShare * 1000;
  return chosen[service].filter(isTaken).flatMap((specimen) =>
    Array.from({ length: mutations }, (_, number) => {
      const { kind, bytes } = mutant(specimen.bytes, isWhole ? number : random.below(10), random);
      const isCut = kind === 'cut off' && bytes.length < (pixelsEndOf(specimen) ?? 0);
      // The pages behind the first would be read in the same way.
      const pages = service === 'thumbnails' ? {} : { pages: '1' };
      return { service, specimen, name: `${specimen.name}, ${kind}`, bytes, options: { ...options[service], ...pages }, isCut };
    }),
  );
}

/** Of a picture that is whole. */
function pixelsEndOf({ truth, bytes }: Specimen): number | null {
  return truth === 'result' ? pixelsEnd(bytes) : null;
}

async function run(cases: readonly Case[]): Promise<Ending[]> {
  const stop = watchServer(server);
  const endings = await runTrials(server, cases, atOnce);
  const { probes, deadProbes, residentBytes } = await stop();
  all.push(...endings);
  memory.push(...residentBytes);
  expect({ ofProbes: probes, dead: deadProbes }).toEqual({ ofProbes: probes, dead: 0 });
  expect(endings.filter((ending) => !isTyped(ending)).map(lineOf)).toEqual([]);
  expect(await limitsPassed(server, endings)).toEqual([]);
  await expectNothingLeft(folder.path);
  return endings;
}

/** Of the server process, over all tests. */
const memory: number[] = [];
const all: Ending[] = [];

test.each(['thumbnails', 'ocr', 'tables'] as const)(
  '%s gives of each file a result, or what is wrong with it, as its truth says',
  { timeout: 2 * hours },
  async (service) => {
    const cases = plainCases(service);
    const endings = await run(cases);
    const wrong = endings.flatMap((ending) => {
      const { specimen } = cases.find((each) => each === ending.trial) ?? {};
      const why = specimen === undefined ? 'it has no file' : wrongEnding(specimen, ending);
      return why === null ? [] : [`${why}: ${lineOf(ending)}`];
    });
    const accepts = wrong.filter((line) => line.startsWith('a wrong type')).length;
    const refusals = wrong.filter((line) => line.startsWith('a right type') || line.startsWith('a whole file')).length;
    recordFigure(10, `${service}: wrong accepts ${accepts}, wrong refusals ${refusals} of ${endings.length} files`);
    expect(wrong).toEqual([]);
  },
);

test.each(['thumbnails', 'ocr', 'tables'] as const)(
  '%s ends each mutation in a result or a failure that tells why',
  { timeout: 8 * hours },
  async (service) => {
    const cases = mutatedCases(service);
    const endings = await run(cases);
    const passed = endings.filter(
      ({ trial, kind }) => kind === 'succeeded' && cases.some((each) => each === trial && each.isCut),
    );
    expect(passed.map(lineOf), 'pictures that were cut off').toEqual([]);
  },
);

test('what is cut off is taken where that is asked for, or still fails in a way that tells why', { timeout: hours }, async () => {
  const cut = chosen.thumbnails.flatMap((specimen): Case[] => {
    const end = pixelsEndOf(specimen);
    if (end === null) return [];
    const bytes = specimen.bytes.subarray(0, random.between(Math.ceil(end / 2), end - 1));
    return [{ service: 'thumbnails', specimen, name: `${specimen.name}, cut off`, bytes, isCut: true }];
  });
  const strict = await run(cut);
  expect(strict.filter(({ kind }) => kind === 'succeeded').map(lineOf)).toEqual([]);
  const lenient = await run(cut.map((each) => ({ ...each, options: { lenient: 'true' } })));
  const taken = lenient.filter(({ kind }) => kind === 'succeeded').length;
  recordFigure(12, `pictures cut off: ${strict.length} of ${strict.length} fail, with \`lenient\` ${taken} give a result`);
});

test('an encrypted PDF whose password is sent along is refused in a way that tells why where the service has no such option', async () => {
  const encrypted = (await specimens()).filter(({ truth }) => truth === 'password');
  for (const service of ['thumbnails', 'ocr'] as const) {
    const trials = encrypted.map(({ name, bytes }) => ({ name, service, bytes, options: { password: 'wrong' } }));
    const endings = await runTrials(server, trials, 4);
    expect(new Set(endings.map(({ kind, problem }) => `${kind} ${problem}`))).toEqual(new Set(['refused validation-error']));
  }
});

test('the server is the same process as before, as large as before, and lost few executors', async () => {
  const { restarts, why } = await executorRestarts(server);
  const crashes = all.filter(({ problem }) => problem === 'executor-crashed');
  const { before, after } = growthOf(memory);
  const slowest = worstOf(all, ({ seconds }) => seconds);
  const largest = worstOf(all, ({ peakBytes }) => peakBytes);
  console.log(`executors ended: ${JSON.stringify(why)}\ncrashed on:\n${crashes.map(lineOf).join('\n')}`);
  const stillRunning = (await Promise.race([server.ended, 'running'])) === 'running';
  const untyped = all.filter((ending) => !isTyped(ending)).length;
  const count = `${all.length} jobs of ${chosen.thumbnails.length} files and ${mutations} mutations each (seed ${seed})`;
  recordFigure(
    12,
    `${count}: neither a result nor a typed failure ${untyped}, server restarts ${stillRunning ? 0 : 1}, executor restarts ${restarts}, crashed ${crashes.length}`,
  );
  recordFigure(
    12,
    `memory of the server ${megabytes(before)}, then ${megabytes(after)}; slowest: ${slowest}; largest: ${largest}`,
  );
  const pdfs = all.filter(({ trial }) => trial.name.includes('.pdf'));
  recordFigure(
    13,
    `PDFs: ${pdfs.length} jobs, slowest: ${worstOf(pdfs, ({ seconds }) => seconds)}; largest: ${worstOf(pdfs, ({ peakBytes }) => peakBytes)}`,
  );
  expect({ stillRunning, untyped, hasWorked: all.length > 0 }).toEqual({ stillRunning: true, untyped: 0, hasWorked: true });
  // Room for what a garbage collector leaves lying about.
  expect(after).toBeLessThan(before * 1.5 + 100 * 1024 ** 2);
});
