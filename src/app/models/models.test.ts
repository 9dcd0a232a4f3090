import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { onnxModel } from '../../../test/support/onnx-models.ts';
import { temporaryFolder } from '../../../test/support/program.ts';
import type { CatalogueEntry, RemoteFile } from '../../services/classifications/catalogue.ts';
import { download } from './download.ts';
import { findEntry } from './find-entry.ts';
import { installModel } from './install-model.ts';
import { listModels } from './list-models.ts';
import { pullModel } from './pull-model.ts';
import { removeModel } from './remove-model.ts';

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let folder: string;
beforeEach(async () => {
  temporary = await temporaryFolder();
  folder = join(temporary.path, 'models');
});
afterEach(() => temporary.remove());

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const meanOfChannels = onnxModel({ shape: [1, 3, 8, 8], gives: 'mean' });

async function file(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(temporary.path, name);
  await writeFile(path, bytes);
  return path;
}

async function install(bytes: Uint8Array, labels = 'red\ngreen\nblue\n', more = {}) {
  const model = {
    id: 'mine',
    title: 'Mine',
    preprocess: 'unit',
    file: await file('a.onnx', bytes),
    labels: await file('a.txt', labels),
  };
  return installModel(folder, { ...model, ...more }, 'auto');
}

describe('a model is added', () => {
  test('with what it tells of itself', async () => {
    const description = await install(meanOfChannels);
    expect(description).toMatchObject({
      input: { width: 8, height: 8, layout: 'NCHW', mean: [0, 0, 0], scale: [255, 255, 255] },
      output: 'logits',
      bytes: meanOfChannels.length,
      sha256: { model: digest(meanOfChannels) },
    });
    const { found, broken } = await listModels(folder);
    expect([found.map(({ id, labels }) => [id, labels]), broken]).toEqual([
      [
        ['kinds', 8],
        ['mine', 3],
      ],
      [],
    ]);
    expect(await readdir(folder)).toEqual(['mine']);
  });

  test('of one channel, and of a fixed number of pictures at once', async () => {
    const { input } = await install(onnxModel({ shape: [4, 1, 8, 16], gives: 'same' }), Array(128).fill('x').join('\n'), {
      preprocess: 'imagenet',
    });
    expect(input).toMatchObject({ width: 16, height: 8, mean: [expect.closeTo(114.495, 3)] });
  });

  test('and removed', async () => {
    await install(meanOfChannels);
    await removeModel(folder, 'mine');
    expect(await readdir(folder)).toEqual([]);
    await expect(removeModel(folder, 'mine')).rejects.toThrow('no model mine');
    await expect(removeModel(folder, 'kinds')).rejects.toThrow('comes with');
  });
});

describe('nothing is installed', () => {
  afterEach(async () => {
    const left = await readdir(folder).catch(() => []);
    expect(left).toEqual([]);
  });

  test.each([
    ['a text in its place', Buffer.from('<html>'), 'no ONNX model'],
    ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'), 'Git LFS pointer'],
    ['an empty file', Buffer.alloc(0), 'empty'],
    ['a model that is cut off', meanOfChannels.subarray(0, meanOfChannels.length - 9), 'does not load'],
    ['noise', Buffer.from(Array.from({ length: 999 }, (_, at) => (at * 37) % 256)), 'does not load'],
    ['a model that takes no pictures', onnxModel({ shape: [1, 10], gives: 'same' }), '1x10'],
    ['a model that takes whole numbers', onnxModel({ shape: [1, 3, 8, 8], gives: 'same', type: 'int64' }), 'int64'],
    ['a model with two inputs', onnxModel({ shape: [1, 3, 8, 8], gives: 'same', inputs: 2 }), '2 inputs'],
    ['a model that gives a picture', onnxModel({ shape: [1, 3, 8, 8], gives: 'same' }), '192 numbers'],
  ])('of %s', async (_, bytes, says) => {
    await expect(install(bytes)).rejects.toThrow(says);
  });

  test('with labels of another model, or none', async () => {
    await expect(install(meanOfChannels, 'red\ngreen\n')).rejects.toThrow('3 numbers for a picture, and there are 2 labels');
    await expect(install(meanOfChannels, '')).rejects.toThrow('no labels');
  });

  test.each(['../mine', 'kinds', '.mine', 'MINE', ''])('under the id %j', async (id) => {
    await expect(install(meanOfChannels, undefined, { id })).rejects.toThrow(/id/);
  });

  test('from a file that is not there, or is none', async () => {
    await expect(install(meanOfChannels, undefined, { file: join(temporary.path, 'absent.onnx') })).rejects.toThrow(
      'There is no file',
    );
    await expect(install(meanOfChannels, undefined, { labels: join(temporary.path, 'absent.txt') })).rejects.toThrow(
      'There is no file',
    );
    await expect(install(meanOfChannels, undefined, { file: temporary.path })).rejects.toThrow('is no file');
  });

  test('with an unknown preprocessing', async () => {
    await expect(install(meanOfChannels, undefined, { preprocess: 'vgg' })).rejects.toThrow('there is imagenet');
  });
});

test('a model is not replaced', async () => {
  await install(meanOfChannels);
  await expect(install(meanOfChannels)).rejects.toThrow('There is a model mine already');
});

test('a misspelled model of the catalogue is told what was meant', () => {
  expect(() => findEntry('resnet18')).toThrow('Did you mean resnet18-v1-7?');
  expect(findEntry('mobilenetv2-12').model.addresses[0]).toBe(
    'https://huggingface.co/onnxmodelzoo/mobilenetv2-12/resolve/main/mobilenetv2-12.onnx',
  );
});

describe('downloads', () => {
  let server: Server;
  let url: string;
  let ranges: (string | undefined)[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  beforeAll(async () => {
    server = createServer((request, response) => {
      ranges.push(request.headers.range);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    ranges = [];
    await mkdir(folder);
  });

  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at) % 251));
  const remote = (addresses: readonly string[] = [`${url}/a`]): RemoteFile => ({
    name: 'a.bin',
    addresses,
    bytes: bytes.length,
    sha256: digest(bytes),
  });
  const fetched = async (file: RemoteFile, more = {}) => {
    const path = join(folder, 'a.bin');
    await download(file, { path, onProgress: () => undefined, ...more });
    return readFile(path);
  };
  /** As servers with ranges do, but cutting the connection after so many bytes. */
  const serve = (content: Buffer, cutAfter = Number.POSITIVE_INFINITY) => {
    answer = ({ headers: { range } }, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
      const rest = content.subarray(from);
      const told = { 'content-length': rest.length, 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
      response.writeHead(range === undefined ? 200 : 206, told);
      if (rest.length <= cutAfter) response.end(rest);
      else response.write(rest.subarray(0, cutAfter), () => response.destroy());
    };
  };

  test('go on where the connection broke', async () => {
    serve(bytes, 100_000);
    const told: number[] = [];
    expect((await fetched(remote(), { onProgress: (sum: number) => told.push(sum) })).equals(bytes)).toBe(true);
    expect(ranges.length).toBeGreaterThan(1);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(bytes.length);
  });

  test('go on where an earlier command ended', async () => {
    serve(bytes);
    await writeFile(join(folder, 'a.bin.part'), bytes.subarray(0, 123_456));
    expect((await fetched(remote())).equals(bytes)).toBe(true);
    expect(ranges).toEqual(['bytes=123456-']);
  });

  test('are not made twice', async () => {
    serve(bytes);
    await fetched(remote());
    expect((await fetched(remote())).equals(bytes)).toBe(true);
    expect(ranges).toEqual([undefined]);
  });

  test('begin anew where the server has no ranges', async () => {
    answer = (_request, response) => response.end(bytes);
    await writeFile(join(folder, 'a.bin.part'), bytes.subarray(0, 1_000));
    expect((await fetched(remote())).equals(bytes)).toBe(true);
  });

  test('take the next address where one has nothing', async () => {
    answer = (request, response) => {
      if (request.url === '/a') response.writeHead(404).end('gone');
      else response.end(bytes);
    };
    expect((await fetched(remote([`${url}/a`, `${url}/b`]))).equals(bytes)).toBe(true);
  });

  test('of other bytes are refused and not kept', async () => {
    serve(Buffer.from(bytes).fill(1, 5, 6));
    const message = await fetched(remote()).catch((error: Error) => error.message);
    expect(message).toContain('is not the file that is wanted');
    expect(message).not.toContain('is kept');
    expect(await readdir(folder)).toEqual([]);
  });

  test('that never end are cut off', async () => {
    answer = (_request, response) => {
      const more = () => response.write(Buffer.alloc(70_001), () => !response.destroyed && setImmediate(more));
      more();
    };
    await expect(fetched(remote())).rejects.toThrow(/gives more than|is not the file that is wanted/);
    const part = await stat(join(folder, 'a.bin.part')).catch(() => null);
    expect(part?.size ?? 0).toBeLessThanOrEqual(bytes.length);
  });

  test('that stand still end', async () => {
    answer = (_request, response) => response.write('x');
    await expect(fetched(remote(), { idleMs: 50 })).rejects.toThrow('no byte came');
  });

  test('without a network say so, and what can be done', async () => {
    const message = await fetched(remote(['http://127.0.0.1:9/a'])).catch((error: Error) => error.message);
    expect(message).toMatch(/could not be downloaded: 127\.0\.0\.1:9 cannot be read from \(.+\).*model add/s);
  });

  test('of a whole model install it', async () => {
    const labels = Buffer.from('red\ngreen\nblue\n');
    const files = new Map([
      ['/zoo/a.onnx', meanOfChannels],
      ['/zoo/a.txt', labels],
    ]);
    answer = (request, response) => response.end(files.get(request.url ?? ''));
    const entry: CatalogueEntry = {
      ...{ id: 'zoo-model', title: 'Of the zoo', preprocess: 'imagenet', topOne: 70, licence: 'MIT' },
      model: {
        name: 'a.onnx',
        addresses: ['https://nowhere.invalid/'],
        bytes: meanOfChannels.length,
        sha256: digest(meanOfChannels),
      },
      labels: { name: 'a.txt', addresses: ['https://nowhere.invalid/'], bytes: labels.length, sha256: digest(labels) },
    };
    const told: number[] = [];
    const onProgress = (sum: number, of: number) => told.push(sum / of);
    await pullModel(entry, { folder, sandbox: 'auto', mirror: `${url}/zoo/`, onProgress });
    expect(told.at(-1)).toBe(1);
    expect((await listModels(folder)).found.find(({ id }) => id === 'zoo-model')?.description.licence).toBe('MIT');
    expect(await readdir(join(folder, '.incoming'))).toEqual([]);
  });
});
