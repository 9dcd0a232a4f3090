import { copyFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/program.ts';
import { bundledModels, findModels } from './find-models.ts';
import { loadModel } from './load-model.ts';
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

async function found(id = 'mine') {
  const model = (await findModels([folder.path])).found.find((each) => each.id === id);
  if (model === undefined) throw new Error(`${id} was not found`);
  return model;
}

test('a model is loaded with its labels', async () => {
  const { labels, onnx } = await loadModel(await found());
  expect(labels).toContain('photograph');
  expect(onnx.input).toEqual([null, 3, 96, 96]);
});

describe('a model is refused', () => {
  test.each([
    ['with a flipped bit', flipped],
    ['that is cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['that is longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from([0])])],
    ['that is empty', () => Buffer.alloc(0)],
  ])('%s', async (_, change) => {
    const model = await found();
    await writeFile(join(at, 'model.onnx'), change(await readFile(join(at, 'model.onnx'))));
    await expect(loadModel(model)).rejects.toMatchObject({ code: 'model-unusable', message: expect.stringContaining('SHA-256') });
  });

  test('with other labels', async () => {
    const model = await found();
    await writeFile(join(at, 'labels.txt'), 'a\nb\nc\nd\ne\nf\ng\nh\n');
    await expect(loadModel(model)).rejects.toMatchObject({ code: 'model-unusable', message: expect.stringContaining('labels') });
  });

  test('that was installed anew while the server ran', async () => {
    const model = await found();
    const text = await readFile(join(at, 'model.json'), 'utf8');
    await writeFile(join(at, 'model.json'), text.replace('"title": "', '"title": "Other '));
    await expect(loadModel(model)).rejects.toMatchObject({ code: 'model-unusable', message: expect.stringContaining('restart') });
  });

  test('that was removed', async () => {
    const model = { ...(await found()), folder: join(folder.path, 'absent') };
    await expect(loadModel(model)).rejects.toMatchObject({ code: 'model-unusable' });
  });
});

function flipped(bytes: Buffer): Buffer {
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  return bytes;
}

test('a folder without a description is told, and the others are found', async () => {
  await writeFile(join(at, 'model.json'), '{"title":""}');
  const { found: models, broken } = await findModels([folder.path, join(folder.path, 'absent')]);
  expect(models.map(({ id }) => id)).toEqual(['other']);
  expect(broken).toEqual([{ id: 'mine', problem: expect.stringMatching(/./) }]);
  await copyFile(join(bundledModels, 'kinds/model.json'), join(at, 'model.json'));
});

test('of warm models the one that was used longest ago goes when they are too large together', async () => {
  const told = new Map([
    ['mine', await found('mine')],
    ['other', await found('other')],
  ]);
  const { bytes } = (await found()).description;
  const wide = new WarmModels(told, bytes * 2);
  await wide.get('mine');
  const first = await wide.get('other');
  expect([wide.warm, await wide.get('other')]).toEqual([['mine', 'other'], first]);
  const narrow = new WarmModels(told, bytes * 1.5);
  await narrow.get('mine');
  await narrow.get('other');
  expect(narrow.warm).toEqual(['other']);
  expect(await narrow.get('absent')).toBeNull();
});
