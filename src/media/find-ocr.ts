import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ServiceError } from '../core/errors.ts';
import { languagePackages, readingData } from './tesseract-packages.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const probeMs = 20_000;

/** An engine that reads text on this machine, as it was found; opens no file of anybody. */
export type FoundOcr =
  | {
      readonly kind: 'program';
      readonly version: string;
      readonly languages: readonly string[];
      readonly program: string;
      readonly dataFolder: string;
    }
  | { readonly kind: 'js'; readonly version: string; readonly languages: readonly string[] };

/** As services and people name it. */
export function engineOf({ kind, version }: FoundOcr): { name: string; version: string } {
  return { name: kind === 'program' ? 'tesseract' : 'tesseract.js', version };
}

/** Which engine is to read: the program where it is installed and tesseract.js where not, or always one of them. */
export const ocrEngines = ['auto', 'program', 'js'] as const;
export type OcrEngineChoice = (typeof ocrEngines)[number];

export async function findOcr(choice: OcrEngineChoice): Promise<FoundOcr> {
  const program = choice === 'js' ? null : await findTesseractProgram();
  if (program !== null) return program;
  if (choice !== 'program') return findTesseractJs();
  throw new ServiceError(
    'service-unavailable',
    'The tesseract program is not installed, or does not run. Install it (apt-get install tesseract-ocr), or use --ocr-engine auto.',
  );
}

/** The `tesseract` program, or null where there is none that runs and knows a language. */
export async function findTesseractProgram(): Promise<FoundOcr | null> {
  const program = programPath();
  if (program === null) return null;
  try {
    const { stdout: about } = await run(program, ['--version'], { timeout: probeMs });
    const { stdout: list } = await run(program, ['--list-langs'], { timeout: probeMs });
    const version = /^tesseract v?(\S+)/m.exec(about)?.[1];
    const dataFolder = /in "(.+?)\/?"/.exec(list)?.[1];
    const languages = list
      .split('\n')
      .slice(1)
      .filter((line) => languagePattern.test(line) && line !== 'osd');
    if (version === undefined || dataFolder === undefined || languages.length === 0) return null;
    return { kind: 'program', version, languages, program, dataFolder };
  } catch {
    // It is there but does not run: as good as none.
    return null;
  }
}

/** tesseract.js with the languages whose packages are installed beside that of English. */
export async function findTesseractJs(): Promise<FoundOcr> {
  const text = await readFile(require.resolve('tesseract.js/package.json'), 'utf8');
  const { version }: { version?: unknown } = JSON.parse(text);
  const folder = languagePackages();
  const languages = readdirSync(folder)
    .filter((name) => name !== 'osd' && existsSync(join(folder, name, readingData, `${name}.traineddata.gz`)))
    .sort();
  return { kind: 'js', version: String(version), languages };
}

const languagePattern = /^[A-Za-z]\w*(\/\w+)?$/;

/** The environment of an executor names no folders to search, so the whole path is needed. */
function programPath(): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'].filter((folder) =>
    folder.startsWith('/'),
  );
  return folders.map((folder) => join(folder, 'tesseract')).find((path) => existsSync(path)) ?? null;
}
