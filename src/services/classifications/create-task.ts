import { type ErrorCode, ServiceError } from '../../core/errors.ts';
import { openPicture } from '../../media/sharp.ts';
import type { Task, TaskInput } from '../../ports/service.ts';
import { askModel } from './ask-model.ts';
import type { Options, Result } from './contract.ts';
import { pictureValues } from './picture-values.ts';
import { topLabels } from './top-labels.ts';
import type { WarmModels } from './warm-models.ts';

/** The task with the models that are installed. What is wrong with a picture or a model is told as `rejected`; anything else is a fault of ours. */
export function createTask(models: Pick<WarmModels, 'get'>): Task {
  return async ({ input, options, signal }) => {
    if (input === null) throw new Error('classifications was given no picture');
    try {
      // Checked against the contract and normalized when the job came in.
      return { kind: 'done', result: await classify(models, input, options as Options, signal) };
    } catch (error) {
      if (!(error instanceof ServiceError) || !rejecting.has(error.code)) throw error;
      return { kind: 'rejected', code: error.code, detail: error.message };
    }
  };
}

const rejecting: ReadonlySet<ErrorCode> = new Set([
  'unprocessable-media',
  'media-limits-exceeded',
  'unsupported-media-type',
  'unknown-model',
  'model-unusable',
]);

async function classify(
  models: Pick<WarmModels, 'get'>,
  source: TaskInput,
  { model: id, top }: Options,
  signal: AbortSignal,
): Promise<Result> {
  const model = await models.get(id);
  // It was there when the job came in.
  if (model === null) throw new ServiceError('unknown-model', `The model ${id} was removed while the job waited.`);
  const { description, labels, onnx, values } = model;
  await pictureValues(await openPicture(source, { lenient: false }), description.input, values);
  signal.throwIfAborted();
  const numbers = await askModel(onnx, description.input, labels.length, values);
  return { model: id, labels: topLabels(numbers, labels, description.output, top) };
}
