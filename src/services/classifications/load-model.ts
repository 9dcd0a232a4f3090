import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../core/has-code.ts';
import { type OnnxModel, openOnnx, unusable } from '../../media/onnx.ts';
import { digestOf } from './find-models.ts';
import { parseLabels } from './labels.ts';
import { type ModelDescription, parseModelDescription } from './model-description.ts';
import { valuesRoom } from './picture-values.ts';

/** A model that can be asked. */
export interface LoadedModel {
  readonly description: ModelDescription;
  readonly labels: readonly string[];
  readonly onnx: OnnxModel;
  /** Room for one picture at a time. */
  readonly values: Float32Array;
}

/** The text of a description, and its digest, which stands for the whole model: it names those of the other files. */
export interface ReadDescription {
  readonly text: string;
  readonly digest: string;
}

/** Null where there is no such model. Looked at for each picture, and so small that waiting for it costs less than coming back to it. */
export function readDescription(folder: string): ReadDescription | null {
  try {
    const text = readFileSync(join(folder, 'model.json'), 'utf8');
    return { text, digest: digestOf(text) };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw unusable('Its model.json cannot be read.', error);
  }
}

/** Reads a model; every byte of it is what it was when it was installed. Throws `model-unusable` where it is not. */
export async function loadModel(folder: string, { text }: ReadDescription): Promise<LoadedModel> {
  const description = parsed(text);
  const labels = await readPart(folder, 'labels.txt');
  if (digestOf(labels) !== description.sha256.labels) throw unusable('Its labels are not those that were installed.');
  const model = await readPart(folder, 'model.onnx');
  if (digestOf(model) !== description.sha256.model)
    throw unusable('Its file is not the one that was installed: its SHA-256 is another.');
  return {
    description,
    labels: parseLabels(labels.toString('utf8')),
    onnx: await openOnnx(model),
    values: valuesRoom(description.input),
  };
}

function parsed(text: string): ModelDescription {
  try {
    return parseModelDescription(text);
  } catch (error) {
    throw unusable('Its model.json is none.', error);
  }
}

async function readPart(folder: string, name: string): Promise<Buffer> {
  return readFile(join(folder, name)).catch((error: unknown) => {
    throw unusable(`Its ${name} cannot be read.`, error);
  });
}
