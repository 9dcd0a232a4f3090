import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { formatBytes } from '../core/byte-sizes.ts';
import { limits } from '../core/limits.ts';
import { messageOf } from '../core/message-of.ts';
import { detectSandbox } from '../engine/executor/detect-sandbox.ts';
import { engineOf, findOcr } from '../media/find-ocr.ts';
import { type Check, note, ok, problem } from './doctor-check.ts';
import { listModels } from './models/list-models.ts';
import { modelsFolder, openServices } from './services.ts';
import type { Settings } from './settings.ts';

const oldestNode = [20, 19] as const;
const openFilesMin = 4_096;
const probeMs = 20_000;
const rebuild = 'Run "npm rebuild better-sqlite3"; without a prebuilt binary that needs python3, make and a C++ compiler.';

const installAgain =
  'Install Coatcheck again as its README says; what fits the machine comes from the registry, as optional packages.';

/** What of the native modules must work: each piece of code uses one and prints its version. */
const nativeModules = {
  'better-sqlite3': `const { default: Sqlite } = await import('better-sqlite3');
    console.log('SQLite ' + new Sqlite(':memory:').prepare('select sqlite_version()').pluck().get());`,
  sharp: `const { default: sharp } = await import('sharp');
    await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).resize(4).png().toBuffer();
    console.log('sharp ' + sharp.versions.sharp + ', libvips ' + sharp.versions.vips);`,
  'onnxruntime-node': `const { default: { env, listSupportedBackends } } = await import('onnxruntime-node');
    if (!listSupportedBackends().some(({ name }) => name === 'cpu')) throw new Error('it has no engine for the processor');
    console.log('onnxruntime ' + env.versions.node);`,
};

/** What the machine offers, whatever it holds. */
export async function machineChecks(settings: Settings): Promise<Check[]> {
  return [
    nodeVersion(process.versions.node),
    ...(await Promise.all(Object.entries(nativeModules).map(([name, code]) => nativeModule(name, code)))),
    await sandbox(settings),
    await ocr(settings),
    await models(settings),
    cores(settings),
    await memory(settings),
    openFiles(await openFilesMax()),
    ok(
      'limits',
      `uploads up to ${formatBytes(settings.uploadBytesMax)}, pictures up to ${limits.pixelsMax / 1e6} megapixels and ${limits.framesMax} frames`,
    ),
  ];
}

export function nodeVersion(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return ok('node', `Node ${version}`);
  return problem('node', `Node ${version} is too old`, `Install Node ${oldestNode.join('.')} or newer.`);
}

/** In a process of its own: a native module that does not fit the machine may take its process with it. */
async function nativeModule(name: string, code: string): Promise<Check> {
  const cwd = fileURLToPath(new URL('../../', import.meta.url));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
      cwd,
      timeout: probeMs,
    });
    return ok(name, stdout.trim());
  } catch (error) {
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    return problem(name, `does not work: ${reasonIn(text)}`, name === 'better-sqlite3' ? rebuild : installAgain);
  }
}

/** What Node says of an error that ended it: from its name to the first line of the stack, or to what was required by whom. */
function reasonIn(text: string): string {
  const [, said] = /^\w*Error(?: \[\w+\])?: (.+)/ms.exec(text) ?? [];
  const [reason] = said?.split(/\n\s+at |\nRequire stack|\n\n/) ?? [];
  return reason?.trim().replace(/\s+/g, ' ') ?? 'it ends without a word';
}

async function sandbox({ sandbox: wanted, workers }: Settings): Promise<Check> {
  if (workers === 0) return ok('sandbox', 'not needed: no executors here');
  const { kind, detail } = await detectSandbox(wanted);
  if (kind !== 'none') return ok('sandbox', detail);
  if (wanted === 'none') return note('sandbox', detail, 'Use --sandbox auto where files come from people you do not trust.');
  const advice =
    'Install bubblewrap and allow user namespaces (sysctl kernel.unprivileged_userns_clone=1; in a container, its seccomp profile).';
  return wanted === 'auto' ? note('sandbox', detail, advice) : problem('sandbox', detail, `${advice} Or use --sandbox auto.`);
}

async function ocr({ ocrEngine }: Settings): Promise<Check> {
  try {
    const engine = await findOcr(ocrEngine);
    const { name, version } = engineOf(engine);
    const found = `${name} ${version}, languages ${engine.languages.join(', ')}`;
    if (engine.kind === 'program' || ocrEngine === 'js') return ok('ocr', found);
    return note('ocr', found, 'The tesseract program reads twice as fast: apt-get install tesseract-ocr.');
  } catch (error) {
    return ocrEngine === 'program'
      ? problem(
          'ocr',
          'the tesseract program is not installed, does not run, or has no language',
          'Install it (apt-get install tesseract-ocr), or use --ocr-engine auto.',
        )
      : problem('ocr', `tesseract.js cannot be used (${messageOf(error)})`, installAgain);
  }
}

function models({ data }: Settings): Check {
  const folder = modelsFolder(data);
  try {
    return modelsIn(folder);
  } catch (error) {
    return problem(
      'models',
      `${folder} cannot be read (${messageOf(error)})`,
      'Choose another folder with --data, or change its owner.',
    );
  }
}

function modelsIn(folder: string): Check {
  const { found, broken } = listModels(folder);
  const there = found.map(({ id }) => id).join(', ');
  if (broken.length === 0) return ok('models', there);
  const told = broken.map(({ id, problem: why }) => `${id} cannot be used (${why})`).join('; ');
  return note('models', `${there}; ${told}`, 'Remove it with "coatcheck model remove", and pull or add it again.');
}

function cores({ workers }: Settings): Check {
  const count = availableParallelism();
  const found = `${count} cores, ${workers} executors`;
  if (workers === 0)
    return note(
      'cores',
      found,
      'Jobs are only taken in here: nothing works on them until a process with --workers above 0 does.',
    );
  return workers > count
    ? note('cores', found, `More executors than cores make each slower; --workers ${count} is enough.`)
    : ok('cores', found);
}

async function memory({ workers, ocrEngine, data }: Settings): Promise<Check> {
  // The second figure is the limit of the container, where there is one.
  const bytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  // What keeps services from being opened is told by the checks of models and ocr.
  const services = await openServices({ ocrEngine, data }).catch(() => null);
  if (services === null) return ok('memory', formatBytes(bytes));
  const largest = Math.max(0, ...services.map(({ limits: { memoryBytes } }) => memoryBytes));
  const wanted = workers * largest;
  const found = `${formatBytes(bytes)}; executors may take up to ${formatBytes(wanted)}`;
  if (wanted <= bytes) return ok('memory', found);
  return note(
    'memory',
    found,
    `Where many large files come at once, --workers ${Math.max(1, Math.floor(bytes / largest))} is safe.`,
  );
}

export function openFiles(max: number | null): Check {
  if (max === null) return note('open files', 'the limit is not known on this system');
  const found = max === Number.POSITIVE_INFINITY ? 'no limit' : `up to ${max}`;
  return max >= openFilesMin
    ? ok('open files', found)
    : note('open files', found, `Raise it for many clients at once: ulimit -n ${openFilesMin}.`);
}

/** The hard limit, to which Node raises itself; null where the system does not tell. */
async function openFilesMax(): Promise<number | null> {
  const table = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\S+)/m.exec(table)?.[1];
  if (soft === undefined) return null;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}
