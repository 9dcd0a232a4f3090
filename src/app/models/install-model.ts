import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { syncFolder } from '../../adapters/filesystem/durable-folder.ts';
import { formatBytes } from '../../core/byte-sizes.ts';
import { messageOf } from '../../core/message-of.ts';
import { bundledModel } from '../../services/classifications/contract.ts';
import { parseLabels } from '../../services/classifications/labels.ts';
import { type ModelDescription, modelIdPattern } from '../../services/classifications/model-description.ts';
import { isPreprocessing, pictureInput, preprocessings } from '../../services/classifications/preprocessing.ts';
import { makeFolders } from '../make-folders.ts';
import type { Settings } from '../settings.ts';
import { checkModel } from './check-model.ts';

/** What ONNX files can have, and more than an executor may take. */
const modelBytesMax = 2 * 1024 ** 3;

export interface ModelToInstall {
  readonly id: string;
  readonly title: string;
  /** The file of the model and that of its labels; they stay where they are. */
  readonly file: string;
  readonly labels: string;
  /** How it wants its pictures, by name. */
  readonly preprocess: string;
  readonly licence?: string;
  readonly source?: string;
}

/**
 * Puts a model into the folder of models, whole or not at all, once it has run in an executor. Throws an `Error` that says why it
 * cannot be used.
 */
export async function installModel(
  folder: string,
  model: ModelToInstall,
  sandbox: Settings['sandbox'],
): Promise<ModelDescription> {
  refuseId(model.id);
  if (!isPreprocessing(model.preprocess))
    throw new Error(`There is no preprocessing ${model.preprocess}; there is ${Object.keys(preprocessings).join(', ')}.`);
  await Promise.all([model.file, model.labels].map(refuseNoFile));
  const labels = await labelsOf(model.labels);
  await makeFolders(folder);
  const target = join(folder, model.id);
  if (await exists(target))
    throw new Error(
      `There is a model ${model.id} already. Remove it first (coatcheck model remove ${model.id}), or give another --id.`,
    );
  const made = await mkdtemp(join(folder, '.making-'));
  try {
    const file = join(made, 'model.onnx');
    await copyFile(model.file, file);
    await chmod(file, 0o600);
    const examined = await checkModel(file, sandbox);
    if (examined.labels !== labels.length)
      throw new Error(
        `The model gives ${examined.labels} numbers for a picture, and there are ${labels.length} labels: they belong to another model.`,
      );
    const labelText = `${labels.join('\n')}\n`;
    const description: ModelDescription = {
      title: model.title,
      input: pictureInput(examined, model.preprocess),
      output: examined.output,
      bytes: (await stat(file)).size,
      sha256: { model: await sha256Of(file), labels: createHash('sha256').update(labelText).digest('hex') },
      ...(model.licence !== undefined && { licence: model.licence }),
      ...(model.source !== undefined && { source: model.source }),
    };
    await writeSynced(join(made, 'labels.txt'), labelText);
    await writeSynced(join(made, 'model.json'), `${JSON.stringify(description, null, 2)}\n`);
    await sync(file);
    await syncFolder(made);
    await rename(made, target);
    await syncFolder(folder);
    return description;
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    throw error;
  }
}

function refuseId(id: string): void {
  if (id === bundledModel) throw new Error(`The model ${id} comes with Coatcheck. Give another --id.`);
  if (!modelIdPattern.test(id))
    throw new Error(`"${id}" cannot be the id of a model: use up to 64 of a-z, 0-9, ".", "_" and "-", a letter or digit first.`);
}

async function refuseNoFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new Error(`There is no file ${path}, or it cannot be looked at.`);
  if (!found.isFile()) throw new Error(`${path} is no file.`);
  if (found.size > modelBytesMax)
    throw new Error(`${path} has ${formatBytes(found.size)}; a model may have ${formatBytes(modelBytesMax)}.`);
}

async function labelsOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  try {
    return parseLabels(text);
  } catch (error) {
    throw new Error(`The labels of ${path} cannot be used: ${messageOf(error)}.`, { cause: error });
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
