import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundledModel } from '../../services/classifications/contract.ts';
import { findModels } from '../../services/classifications/find-models.ts';

/** Removes a model, whether it can be used or not. Throws an `Error` where there is none. */
export async function removeModel(folder: string, id: string): Promise<void> {
  if (id === bundledModel) throw new Error(`The model ${id} comes with Coatcheck and cannot be removed.`);
  const { found, broken } = findModels([folder]);
  if (![...found, ...broken].some((each) => each.id === id)) throw new Error(`There is no model ${id} in ${folder}.`);
  // In one step: a model is never half there.
  const leaving = join(folder, `.leaving-${id}-${process.pid}`);
  await rename(join(folder, id), leaving);
  await rm(leaving, { recursive: true });
}
