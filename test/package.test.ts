import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

test('the package holds the built program with its samples and model, its documents, and nothing else', {
  timeout: 120_000,
}, async () => {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    maxBuffer: 16 * 1024 ** 2,
  });
  const [{ files }]: [{ files: readonly { path: string }[] }] = JSON.parse(stdout);
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'dist/cli/main.js',
      'dist/client/client.d.ts',
      'dist/web/index.html',
      'dist/services/classifications/models/kinds/model.onnx',
      'dist/services/thumbnails/samples/harbour.jpg',
      'docs/operations.md',
      'LICENSE',
      'README.md',
    ]),
  );
  const wanted = /^(dist\/.+|docs\/.+\.(md|yml|png)|[A-Z]+\.md|LICENSE|package\.json)$/;
  const ofNoUse = /\.(test|suite)\.|tsbuildinfo|\.map$/;
  expect(paths.filter((path) => !wanted.test(path) || ofNoUse.test(path))).toEqual([]);
});

test('the lock file marks no install script that is refused: an npm that does not know allowScripts would run it', async () => {
  const { allowScripts } = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
  const { packages } = JSON.parse(await readFile(`${root}package-lock.json`, 'utf8'));
  const marked = Object.keys(packages).filter((where) => packages[where].hasInstallScript === true);
  const names = marked.map((where) => where.replace(/^.*node_modules\//, ''));
  expect(names).toContain('better-sqlite3');
  expect(names.filter((name) => allowScripts[name] === false)).toEqual([]);
});
