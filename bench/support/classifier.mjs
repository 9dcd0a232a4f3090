/** The model and the pictures that the rows of `classifications` are measured with. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { counted, countedPicture } from './picture.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const corpora = join(root, '../shared/corpora');

/** Whether MobileNetV2 and photos lie beside the project. */
export const hasCorpora = existsSync(join(corpora, 'models/manifest.json')) && existsSync(join(corpora, 'photos/manifest.json'));

/** Installs MobileNetV2 for the server whose data lie in `folder`: `{id, folder, description}`. */
export async function addMobileNet(folder) {
  const id = 'mobilenetv2';
  const data = join(folder, 'data');
  const [file, labels] = ['mobilenetv2-12-int8.dynbatch.onnx', 'synset.txt'].map((name) => join(corpora, 'models', name));
  await mkdir(data, { recursive: true });
  const words = ['model', 'add', file, '--labels', labels, '--id', id, '--data', data];
  await run(process.execPath, [join(root, 'dist/cli/main.js'), ...words]);
  return modelIn(join(data, 'models'), id);
}

/** The model that comes with the program. */
export function bundledModel() {
  return modelIn(join(root, 'dist/services/classifications/models'), 'kinds');
}

async function modelIn(models, id) {
  const folder = join(models, id);
  return { id, file: join(folder, 'model.onnx'), description: JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) };
}

/** The photos, with what is known of each: `{name, bytes, truth, reference}`. */
export async function photos() {
  const { items } = JSON.parse(await readFile(join(corpora, 'photos/manifest.json'), 'utf8'));
  return Promise.all(
    items.map(async ({ file, truth, reference }) => {
      const bytes = await readFile(join(corpora, file));
      return { name: file, bytes, right: truth.imagenet_index_any_of, reference: reference.mbv2_int8 };
    }),
  );
}

/** JPEGs with a place for a number in each: the photos where they are there and wanted, else one that is drawn. */
export async function countedPictures(real) {
  if (!real) return [await countedPicture()];
  const jpegs = (await photos()).filter(({ bytes }) => bytes.readUInt16BE(0) === 0xffd8);
  return jpegs.map(({ bytes }) => counted(bytes));
}
