/**
 * Makes git run `npm run quick` before each commit in this checkout. Does nothing in CI, outside a git checkout (a published
 * package, a tarball), or where a hook of somebody else stands already.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const mark = '# Written by scripts/install-git-hook.mjs of Coatcheck';
const hook = `#!/bin/sh
${mark}: the quick checks before each commit.
# Skip them once with: git commit --no-verify
exec npm run --silent quick
`;

const root = fileURLToPath(new URL('..', import.meta.url));

/** The answer of git, or null where there is no git or no checkout. */
function git(...words) {
  try {
    return execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

/** A checkout of this project itself: as a dependency, the checkout around us would be somebody else's. */
function isOwnCheckout() {
  const top = git('rev-parse', '--show-toplevel');
  return top !== null && realpathSync(top) === realpathSync(root);
}

function install() {
  if (process.env.CI || !isOwnCheckout()) return;
  if (git('config', 'core.hooksPath') !== null) {
    console.log(
      'Git takes its hooks from another folder (core.hooksPath); left as it is. To run our checks there, add: npm run quick',
    );
    return;
  }
  const folder = resolve(root, git('rev-parse', '--git-path', 'hooks') ?? '.git/hooks');
  const path = join(folder, 'pre-commit');
  const present = existsSync(path) ? readFileSync(path, 'utf8') : null;
  if (present === hook) return;
  if (present !== null && !present.includes(mark)) {
    console.log(`Another pre-commit hook stands at ${path}; left as it is. To run our checks from it, add: npm run quick`);
    return;
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, hook);
  chmodSync(path, 0o755);
  console.log(`Git now runs "npm run quick" before each commit (${path}).`);
}

install();
