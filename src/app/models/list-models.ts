import { type CatalogueEntry, catalogue } from '../../services/classifications/catalogue.ts';
import { bundledModels, findModels, type Models } from '../../services/classifications/find-models.ts';

export interface ListedModels extends Models {
  /** Of the catalogue what is not installed. */
  readonly available: readonly CatalogueEntry[];
}

/** What is installed in the folder of models or came with the program, and what could be. */
export function listModels(folder: string): ListedModels {
  const models = findModels([bundledModels, folder]);
  const installed = new Set(models.found.map(({ id }) => id));
  return { ...models, available: catalogue.filter(({ id }) => !installed.has(id)) };
}
