import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/program.ts';
import { createClient } from '../client/client.ts';
import { saveOutputs } from './save-outputs.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

/** Nothing listens there: a result without files is saved without asking anybody. */
const nowhere = createClient({ baseUrl: 'http://127.0.0.1:9', retry: { attemptsMax: 1 } });
const read = { result: { text: 'Dear guest,\nyour coat.', confidence: 0.9 }, name: 'letter.jpg' };
const labels = { result: { labels: [{ label: 'table' }] }, name: 'letter.jpg' };

test.each([
  ['letter.txt', read, 'Dear guest,\nyour coat.\n'],
  ['letter.json', read, `${JSON.stringify(read.result, null, 2)}\n`],
  ['labels.txt', labels, `${JSON.stringify(labels.result, null, 2)}\n`],
])('a result without files is saved as JSON, or as its text under a name that ends with .txt: %s', async (name, what, text) => {
  const path = join(folder.path, name);
  const saved = await saveOutputs(nowhere, what, path, new AbortController().signal);
  expect(saved).toEqual([{ file: null, path }]);
  expect(await readFile(path, 'utf8')).toBe(text);
  expect((await readdir(folder.path)).filter((one) => one.endsWith('.part'))).toEqual([]);
});
