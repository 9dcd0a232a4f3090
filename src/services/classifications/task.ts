import { createTask } from './create-task.ts';
import { foldersOf } from './model-folders.ts';
import { WarmModels } from './warm-models.ts';

/** Models are kept between jobs. */
export const task = createTask(new WarmModels(foldersOf(new URL(import.meta.url))));
