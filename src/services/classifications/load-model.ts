import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type OnnxModel, openOnnx, unusable } from '../../media/onnx.ts';
import { digestOf } from './find-models.ts';
import { parseLabels } from './labels.ts';
import { type ModelDescription, parseModelDescription } from './model-description.ts';
import type { ToldModel } from './told-models.ts';

/** A model that can be asked. */
export interface LoadedModel {
  readonly description: ModelDescription;
  readonly labels: readonly string[];
  readonly onnx: OnnxModel;
}

/** Reads a model; every byte of it is what it was when it was installed. Throws `model-unusable` where it is not. */
export async function loadModel({ folder, digest }: ToldModel): Promise<LoadedModel> {
  const text = await readPart(folder, 'model.json');
  const labels = await readPart(folder, 'labels.txt');
  const model = await readPart(folder, 'model.onnx');
  if (digestOf(text) !== digest) throw unusable('It was installed anew since the server started: restart the server.');
  const description = parseModelDescription(text.toString('utf8'));
  if (digestOf(labels) !== description.sha256.labels) throw unusable('Its labels are not those that were installed.');
  if (digestOf(model) !== description.sha256.model)
    throw unusable('Its file is not the one that was installed: its SHA-256 is another.');
  return { description, labels: parseLabels(labels.toString('utf8')), onnx: await openOnnx(model) };
}

async function readPart(folder: string, name: string): Promise<Buffer> {
  return readFile(join(folder, name)).catch((error: unknown) => {
    throw unusable(`Its ${name} cannot be read.`, error);
  });
}
