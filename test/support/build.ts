import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Compiles `src/` to `dist/` once before the tests, and copies what lies beside it: executors, threads and the command line run
 * as compiled JavaScript.
 * A type error does not stop it (the compiler writes its output all the same, and `npm run types` is what refuses it).
 */
export function setup(): void {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const { status, stdout, error } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (error !== undefined || status === null) throw new Error('the TypeScript compiler did not run to its end', { cause: error });
  if (status !== 0) console.warn(`Compiled with type errors:\n${stdout}`);
  buildPage(root);
  const copying = spawnSync(process.execPath, ['scripts/copy-samples.mjs'], { cwd: root, encoding: 'utf8' });
  if (copying.status !== 0) throw new Error(`samples cannot be copied:\n${copying.stderr}`);
}

/** The page takes longer, and few tests need it anew. */
function buildPage(root: string): void {
  const builtAt = statSync(join(root, 'dist/web/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ['src/web', 'src/ui', 'src/services', 'src/client', 'src/core'].flatMap((folder) =>
    filesIn(join(root, folder)),
  );
  if (![...sources, join(root, 'vite.config.ts')].some((path) => statSync(path).mtimeMs > builtAt)) return;
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'build:web'], {
    cwd: root,
    encoding: 'utf8',
    // As it is delivered: under the environment of the tests the page would be built for debugging.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (status !== 0) throw new Error(`the web page cannot be built:\n${stderr}`);
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}
