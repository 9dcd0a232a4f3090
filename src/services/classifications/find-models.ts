import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasCode } from '../../core/has-code.ts';
import { messageOf } from '../../core/message-of.ts';
import { parseLabels } from './labels.ts';
import { type ModelDescription, modelIdPattern, parseModelDescription } from './model-description.ts';

/** Where the models lie that come with the program. */
export const bundledModels = fileURLToPath(new URL('./models/', import.meta.url));

/** A folder with `model.onnx`, `labels.txt` and `model.json`, whose name is its id. */
export interface FoundModel {
  readonly id: string;
  readonly folder: string;
  readonly description: ModelDescription;
  /** Of the description, which names those of the other files. */
  readonly digest: string;
  readonly labels: number;
}

/** A folder that should hold a model and does not. */
export interface BrokenModel {
  readonly id: string;
  readonly problem: string;
}

export interface Models {
  readonly found: readonly FoundModel[];
  readonly broken: readonly BrokenModel[];
}

/**
 * All models of the folders, by id; of two with the same id the one of the earlier folder. A folder that is not there has none. Reads
 * a few small files at once and waits for them, so that a server can look while a job comes in.
 */
export function findModels(folders: readonly string[]): Models {
  const found = new Map<string, FoundModel>();
  const broken = new Map<string, BrokenModel>();
  for (const folder of folders) {
    for (const id of modelIds(folder)) {
      const model = readModel(id, join(folder, id));
      if ('problem' in model) broken.set(id, model);
      else if (!found.has(id)) found.set(id, model);
    }
  }
  return { found: [...found.values()], broken: [...broken.values()] };
}

function modelIds(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && modelIdPattern.test(entry.name))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    // The data folder may be missing yet, or be no folder: that is told elsewhere, in better words.
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

function readModel(id: string, folder: string): FoundModel | BrokenModel {
  try {
    const text = readPart(folder, 'model.json');
    const labels = parseLabels(readPart(folder, 'labels.txt')).length;
    return { id, folder, description: parseModelDescription(text), digest: digestOf(text), labels };
  } catch (error) {
    return { id, problem: messageOf(error) };
  }
}

function readPart(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw new Error(`its ${name} is missing`, { cause: error });
    throw error;
  }
}

export function digestOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
