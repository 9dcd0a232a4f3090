import { engineOf } from '../../media/chosen-engine.ts';
import { createTask } from './create-task.ts';

/** Kept between jobs: an engine loads its languages once. */
export const task = createTask(engineOf(new URL(import.meta.url)));
