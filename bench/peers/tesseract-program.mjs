/** The tesseract program and nothing else: reads the files that it is given, one after the other. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { answering } from '../support/answering.mjs';

const run = promisify(execFile);
const env = { PATH: process.env.PATH, OMP_THREAD_LIMIT: '1' };

/** The texts, and the milliseconds for all of them. */
async function readAll({ paths, form = 'txt' }) {
  const begin = performance.now();
  const texts = [];
  for (const path of paths) {
    const { stdout } = await run('tesseract', [path, 'stdout', '-l', 'eng', form], { env }).catch(() => ({ stdout: '' }));
    texts.push(stdout);
  }
  return { ms: performance.now() - begin, texts };
}

answering({}, readAll);
