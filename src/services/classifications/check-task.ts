import { readFile } from 'node:fs/promises';
import { ServiceError } from '../../core/errors.ts';
import { openOnnx } from '../../media/onnx.ts';
import type { Task } from '../../ports/service.ts';
import { examineModel } from './examine-model.ts';

/** Looks at the file of a model before it is installed: here, where it can do no harm. Gives what `examineModel` found. */
export const task: Task = async ({ input }) => {
  if (input === null) throw new Error('no model was given to be checked');
  try {
    const onnx = await openOnnx(await readFile(input.path));
    return { kind: 'done', result: { ...(await examineModel(onnx)) } };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { kind: 'rejected', code: error.code, detail: error.message };
  }
};
