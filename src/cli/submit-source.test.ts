import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/program.ts';
import { createClient } from '../client/client.ts';
import { isOfTheFile, openSource } from './submit-source.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

/** Nothing listens there. */
const nowhere = createClient({ baseUrl: 'http://127.0.0.1:9', retry: { attemptsMax: 1 } });

/** Takes a body whole, as a server does. */
const reading = createClient({
  baseUrl: 'http://127.0.0.1:9',
  retry: { attemptsMax: 1 },
  fetch: async (url, init) => Response.json({ bytes: (await new Request(url, init).bytes()).length }),
});

test('a file that changes while it is sent is not taken for a lost connection', async () => {
  const path = join(folder.path, 'growing.png');
  await writeFile(path, 'a picture');
  const { source } = await openSource(path);
  await expect(reading.submit({ service: 'thumbnails', source })).resolves.toMatchObject({ bytes: expect.any(Number) });
  await expect(nowhere.submit({ service: 'thumbnails', source })).rejects.not.toSatisfy(isOfTheFile);
  await appendFile(path, ', and more of it');
  await expect(reading.submit({ service: 'thumbnails', source })).rejects.toSatisfy(isOfTheFile);
});
