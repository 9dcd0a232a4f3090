import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onnxModel } from '../../../test/support/onnx-models.ts';
import { type Program, startProgram, temporaryFolder } from '../../../test/support/program.ts';
import { sandboxesHere } from '../../../test/support/test-pool.ts';

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const sample = (name: string) => readFileSync(new URL(`./samples/${name}`, import.meta.url));

async function coatcheck(...words: string[]): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env.PATH ?? '' };
  return promisify(execFile)(process.execPath, [main, ...words], { env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, said: error.stdout + error.stderr }),
  );
}

async function classify(program: Program, body: Uint8Array, query = '', type = 'image/png') {
  const headers = { 'content-type': type, prefer: 'wait=30' };
  const response = await fetch(`${program.url}/v1/classifications${query}`, {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

/** Its three numbers are the means of red, green and blue. */
async function addColours(data: string, names = ['red', 'green', 'blue']): Promise<void> {
  const [file, labels] = [join(data, 'colours.onnx'), join(data, 'colours.txt')];
  await writeFile(file, onnxModel({ shape: [null, 3, 8, 8], gives: 'mean' }));
  await writeFile(labels, `${names.join('\n')}\n`);
  const { code, said } = await coatcheck('model', 'add', file, '--labels', labels, '--preprocess', 'unit', '--data', data);
  expect([code, said]).toEqual([0, expect.stringContaining('The model colours is installed')]);
}

const blue = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#00f' } })
  .png()
  .toBuffer();

describe.each(await sandboxesHere())('a server in the sandbox %s', (sandbox) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let program: Program;
  beforeAll(async () => {
    folder = await temporaryFolder();
    await addColours(folder.path);
    program = await startProgram(folder.path, ['--workers', '1', '--sandbox', sandbox]);
  });
  afterAll(async () => {
    await program.end('SIGTERM');
    await folder.remove();
  });

  test('tells what kind of picture it is', async () => {
    const { status, body } = await classify(program, sample('table.png'));
    expect([status, body.state, body.error]).toEqual([200, 'succeeded', null]);
    expect(body.result).toMatchObject({ model: 'kinds', labels: { length: 5 } });
    const scores = body.result.labels.map(({ score }: { score: number }) => score);
    expect(scores).toEqual(scores.toSorted((a: number, b: number) => b - a));
  });

  test('asks a model that was added', async () => {
    const { body } = await classify(program, blue, '?model=colours&top=2');
    const score = Math.E / (Math.E + 2);
    expect(body.result).toEqual({
      model: 'colours',
      labels: [
        { index: 2, label: 'blue', score: expect.closeTo(score, 5) },
        { index: 0, label: 'red', score: expect.closeTo((1 - score) / 2, 5) },
      ],
    });
  });

  test('lists its models', async () => {
    const { items } = JSON.parse(await (await fetch(`${program.url}/v1/services`)).text());
    const { models } = items.find(({ name }: { name: string }) => name === 'classifications');
    expect(models).toEqual([
      { id: 'kinds', title: 'Kinds of pictures', labels: 8 },
      { id: 'colours', title: 'colours', labels: 3 },
    ]);
  });

  test('refuses a model that is not there, and a picture that is damaged', async () => {
    const { status, body } = await classify(program, blue, '?model=color');
    expect([status, body.type]).toEqual([422, '/problems/unknown-model']);
    const cut = await classify(program, sample('table.png').subarray(0, 3_000));
    expect(cut.body).toMatchObject({ state: 'failed', error: { type: '/problems/unprocessable-media' } });
  });
});

test('a model that was changed on the disk fails the job, and the server goes on', async () => {
  const folder = await temporaryFolder();
  await addColours(folder.path);
  const path = join(folder.path, 'models/colours/model.onnx');
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
  await writeFile(path, bytes);
  const program = await startProgram(folder.path, ['--workers', '1']);
  const { body } = await classify(program, blue, '?model=colours');
  expect(body).toMatchObject({ state: 'failed', attempt: 1, error: { type: '/problems/model-unusable', retryable: false } });
  expect((await classify(program, blue)).body.state).toBe('succeeded');
  await program.end('SIGTERM');
  await folder.remove();
});

describe('while a server runs', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let program: Program;
  beforeAll(async () => {
    folder = await temporaryFolder();
    program = await startProgram(folder.path, ['--workers', '1']);
  });
  afterAll(async () => {
    await program.end('SIGTERM');
    await folder.remove();
  });
  const removeColours = () => coatcheck('model', 'remove', 'colours', '--data', folder.path);
  const topLabel = async () => (await classify(program, blue, '?model=colours&top=1')).body.result?.labels[0]?.label;

  test('models come, go and are replaced without a restart', { timeout: 90_000 }, async () => {
    expect((await classify(program, blue, '?model=colours')).body.type).toBe('/problems/unknown-model');
    await addColours(folder.path);
    expect(await topLabel()).toBe('blue');
    expect(await listedModels(program)).toEqual(['kinds', 'colours']);
    expect((await removeColours()).said).toContain('is removed');
    expect((await classify(program, blue, '?model=colours')).body.type).toBe('/problems/unknown-model');
    expect(await listedModels(program)).toEqual(['kinds']);
    await addColours(folder.path, ['rot', 'grün', 'blau']);
    expect(await topLabel()).toBe('blau');
    await removeColours();
  });

  test('a job whose model is removed while it waits fails, and a result of another model is not shared', {
    timeout: 90_000,
  }, async () => {
    await addColours(folder.path);
    const queue = async (verb: string) => fetch(`${program.url}/v1/queues/classifications/${verb}`, { method: 'POST' });
    const waiting = async () => {
      const headers = { 'content-type': 'image/png' };
      const url = `${program.url}/v1/classifications?model=colours`;
      return (await (await fetch(url, { method: 'POST', headers, body: new Uint8Array(blue) })).json()).id;
    };
    const ended = async (id: string) => {
      for (;;) {
        const job = await (await fetch(`${program.url}/v1/jobs/${id}?wait=10s`)).json();
        if (job.finishedAt !== null) return job;
      }
    };
    expect((await queue('pause')).ok).toBe(true);
    const first = await waiting();
    await removeColours();
    await queue('resume');
    expect(await ended(first)).toMatchObject({ state: 'failed', error: { type: '/problems/unknown-model', retryable: false } });

    await addColours(folder.path);
    await queue('pause');
    const second = await waiting();
    await removeColours();
    await addColours(folder.path, ['rot', 'grün', 'blau']);
    await queue('resume');
    expect(await ended(second)).toMatchObject({ state: 'succeeded', reusedFrom: null });
    const { labels } = await (await fetch(`${program.url}/v1/jobs/${second}/result`)).json();
    expect(labels[0].label).toBe('blau');
    await removeColours();
    await addColours(folder.path);
    expect(await topLabel()).toBe('blue');
  });
});

async function listedModels(program: Program): Promise<string[]> {
  const { items } = JSON.parse(await (await fetch(`${program.url}/v1/services`)).text());
  const { models } = items.find(({ name }: { name: string }) => name === 'classifications');
  return models.map(({ id }: { id: string }) => id);
}

test('the command line lists and removes models', async () => {
  const folder = await temporaryFolder();
  await addColours(folder.path);
  const listed = JSON.parse((await coatcheck('model', 'list', '--json', '--data', folder.path)).said);
  expect(listed.installed.map(({ id }: { id: string }) => id)).toEqual(['kinds', 'colours']);
  expect(listed.available.map(({ id }: { id: string }) => id)).toContain('mobilenetv2-12');
  expect(await coatcheck('model', 'remove', 'colours', '--data', folder.path)).toMatchObject({ code: 0 });
  expect((await coatcheck('model', 'list', '--data', folder.path)).said).not.toContain('colours');
  const pulled = await coatcheck('model', 'pull', 'mobilenetv2-12', '--mirror', 'http://127.0.0.1:9', '--data', folder.path);
  expect([pulled.code, pulled.said]).toEqual([1, expect.stringContaining('could not be downloaded')]);
  await folder.remove();
});

const corpora = fileURLToPath(new URL('../../../../shared/corpora', import.meta.url));

describe.runIf(existsSync(join(corpora, 'models/manifest.json')))(
  'with the MobileNetV2 and the photos beside the project',
  () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    beforeAll(async () => {
      folder = await temporaryFolder();
    });
    afterAll(() => folder.remove());
    const labels = join(corpora, 'models/synset.txt');
    const add = (file: string, id: string) =>
      coatcheck('model', 'add', join(corpora, 'models', file), '--labels', labels, '--id', id, '--data', folder.path);

    test('no photo is less right than with the reference', { timeout: 120_000 }, async () => {
      expect((await add('mobilenetv2-12-int8.dynbatch.onnx', 'mobilenet')).code).toBe(0);
      const program = await startProgram(folder.path, ['--workers', '1']);
      const { items } = JSON.parse(readFileSync(join(corpora, 'photos/manifest.json'), 'utf8'));
      const wrong: string[] = [];
      for (const { file, truth, reference } of items) {
        const { body } = await classify(program, readFileSync(join(corpora, file)), '?model=mobilenet&top=1', 'image/jpeg');
        const isRight = truth.imagenet_index_any_of.includes(body.result?.labels[0]?.index);
        if (reference.mbv2_int8.top1_ok && !isRight) wrong.push(file);
      }
      await program.end('SIGTERM');
      expect(wrong).toEqual([]);
    });

    test.each([
      ['bad_truncated.onnx', 'does not load'],
      ['bad_lfs_pointer_open.onnx', 'Git LFS pointer'],
      ['cifar10_ic_int8.onnx', '10 numbers for a picture, and there are 1000 labels'],
    ])('%s is refused', async (file, says) => {
      const { code, said } = await add(file, 'bad');
      expect([code, said]).toEqual([1, expect.stringContaining(says)]);
    });
  },
);
