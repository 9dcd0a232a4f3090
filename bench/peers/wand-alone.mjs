/** python3-wand and nothing else: makes the thumbnails of its share of a folder of pictures as Thumbnailify's worker did, results dropped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { answering, childOptions } from '../support/answering.mjs';

const { python, folder, share, shares } = childOptions();
const script = fileURLToPath(new URL('./wand-alone.py', import.meta.url));
const child = spawn(python, [script, folder, String(share), String(shares)], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
child.once('exit', (code) => process.exit(code ?? 1));
process.on('SIGTERM', async () => {
  child.removeAllListeners('exit');
  child.stdin.end();
  await once(child, 'exit');
  process.exit(0);
});

/** Milliseconds for the whole share. */
answering({}, async () => {
  child.stdin.write('go\n');
  return Number((await lines.next()).value);
});
