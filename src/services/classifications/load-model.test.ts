import { cp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/program.ts';
import { bundledModels, findModels } from './find-models.ts';
import { InstalledModels } from './installed-models.ts';
import { loadModel, readDescription } from './load-model.ts';
import { WarmModels } from './warm-models.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let at: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());
beforeEach(async () => {
  for (const id of ['mine', 'other'])
    await cp(join(bundledModels, 'kinds'), join(folder.path, id), { recursive: true, force: true });
  at = join(folder.path, 'mine');
});

async function load(path = at) {
  const description = readDescription(path);
  if (description === null) throw new Error('it has no description');
  return loadModel(path, description);
}

test('a model is loaded with its labels', async () => {
  const { labels, onnx, description } = await load();
  expect(labels).toContain('photograph');
  expect(onnx.input).toEqual([null, 3, description.input.height, description.input.width]);
});

describe('a model is refused', () => {
  test.each([
    ['with a flipped bit', flipped],
    ['that is cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['that is longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from([0])])],
    ['that is empty', () => Buffer.alloc(0)],
  ])('%s', async (_, change) => {
    await writeFile(join(at, 'model.onnx'), change(await readFile(join(at, 'model.onnx'))));
    await expect(load()).rejects.toMatchObject({ code: 'model-unusable', message: expect.stringContaining('SHA-256') });
  });

  test('with other labels', async () => {
    await writeFile(join(at, 'labels.txt'), 'a\nb\nc\nd\ne\nf\ng\nh\n');
    await expect(load()).rejects.toMatchObject({ code: 'model-unusable', message: expect.stringContaining('labels') });
  });

  test.each(['{"title":""}', 'none', ''])('with the description %j', async (text) => {
    await writeFile(join(at, 'model.json'), text);
    await expect(load()).rejects.toMatchObject({ code: 'model-unusable', message: expect.stringContaining('model.json') });
  });

  test.each(['labels.txt', 'model.onnx'])('without its %s', async (name) => {
    await rm(join(at, name));
    await expect(load()).rejects.toMatchObject({ code: 'model-unusable', message: expect.stringContaining(name) });
  });
});

function flipped(bytes: Buffer): Buffer {
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  return bytes;
}

test('a folder without a description is told, and the others are found', async () => {
  await writeFile(join(at, 'model.json'), '{"title":""}');
  const look = () => findModels([folder.path, join(folder.path, 'absent')]);
  expect(look().found.map(({ id }) => id)).toEqual(['other']);
  expect(look().broken).toEqual([{ id: 'mine', problem: expect.stringMatching(/./) }]);
  await rm(join(at, 'model.json'));
  expect(look().broken).toEqual([{ id: 'mine', problem: 'its model.json is missing' }]);
});

describe('what is installed', () => {
  test('is seen at once when a model comes, is replaced or goes', async () => {
    const installed = new InstalledModels([folder.path]);
    const ids = () => installed.found.map(({ id }) => id);
    const before = installed.found.find(({ id }) => id === 'mine')?.digest;
    await rename(at, join(folder.path, '.leaving'));
    expect(ids()).toEqual(['other']);
    await rename(join(folder.path, '.leaving'), at);
    expect(ids()).toEqual(['mine', 'other']);
    await rename(at, join(folder.path, '.leaving'));
    await writeFile(join(folder.path, '.leaving/model.json'), await anotherTitle(join(folder.path, '.leaving')));
    await rename(join(folder.path, '.leaving'), at);
    expect(installed.found.find(({ id }) => id === 'mine')?.digest).not.toBe(before);
  });

  test('is read again only after a change, once the last one is long ago', async () => {
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(folder.path, longAgo, longAgo);
    const installed = new InstalledModels([folder.path]);
    const { found } = installed;
    expect(installed.found).toBe(found);
    await utimes(folder.path, new Date(), new Date());
    expect(installed.found).not.toBe(found);
  });
});

async function anotherTitle(path: string): Promise<string> {
  return (await readFile(join(path, 'model.json'), 'utf8')).replace('"title": "', '"title": "Other ');
}

describe('warm models', () => {
  test('are kept; of those that are too large together the one goes that was used longest ago', async () => {
    const { bytes } = (await load()).description;
    const wide = new WarmModels([folder.path], bytes * 2);
    await wide.get('mine');
    const first = await wide.get('other');
    expect([wide.warm, await wide.get('other')]).toEqual([['mine', 'other'], first]);
    const narrow = new WarmModels([folder.path], bytes * 1.5);
    await narrow.get('mine');
    await narrow.get('other');
    expect(narrow.warm).toEqual(['other']);
    expect(await narrow.get('absent')).toBeNull();
    expect(await narrow.get('../other')).toBeNull();
  });

  test('are loaded anew where they were replaced, and let go of where they were removed', async () => {
    const models = new WarmModels([folder.path]);
    const first = await models.get('mine');
    await writeFile(join(at, 'model.json'), await anotherTitle(at));
    const second = await models.get('mine');
    expect(second?.description.title).toBe(`Other ${first?.description.title}`);
    await rm(at, { recursive: true });
    expect([await models.get('mine'), models.warm]).toEqual([null, []]);
  });

  test('of the first folder hide those of the others', async () => {
    const models = new WarmModels([bundledModels, folder.path]);
    await cp(join(folder.path, 'other'), join(folder.path, 'kinds'), { recursive: true });
    await writeFile(join(folder.path, 'kinds/model.json'), 'none');
    expect((await models.get('kinds'))?.description.title).toBe('Kinds of pictures');
    await rm(join(folder.path, 'kinds'), { recursive: true });
  });
});
