import { createTask } from './create-task.ts';
import { modelsOf } from './told-models.ts';
import { WarmModels } from './warm-models.ts';

/** Models are kept between jobs. */
export const task = createTask(new WarmModels(modelsOf(new URL(import.meta.url))));
