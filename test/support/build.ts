import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Compiles `src/` to `dist/` once before the tests: executors, threads and the command line run as compiled JavaScript.
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
}
