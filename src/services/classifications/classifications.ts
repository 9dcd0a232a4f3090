import { realpath } from 'node:fs/promises';
import { compiledUrl } from '../../core/compiled-url.ts';
import { pictureTypes } from '../../media/picture-types.ts';
import type { Sample, Service } from '../../ports/service.ts';
import { bundledModel, options, result } from './contract.ts';
import { bundledModels, digestOf, findModels } from './find-models.ts';
import { normalizer } from './normalize.ts';
import { withModels } from './told-models.ts';

/** Of ours: counts up whenever pictures are prepared or labels are made in another way. */
const revision = 1;
/** Of onnxruntime, which decides every score. */
const runtimeVersion = '1.30.0';

/** Looks at a model before it is installed. */
export const checkTask = compiledUrl('./check-task.ts', import.meta.url);

/** The service that tells what is in a picture, with the models that are installed in the folder and the one that comes with it. */
export async function openClassifications(folder: string): Promise<Service> {
  const bundled = await realpath(bundledModels);
  const own = await realpath(folder).catch(() => null);
  const folders = own === null ? [bundled] : [bundled, own];
  const { found } = await findModels(folders);
  return {
    name: 'classifications',
    title: 'Classification',
    summary: 'Tells what is in a picture, or what kind of picture it is, with any ONNX model.',
    version: `${runtimeVersion}/${revision}+${digestOf(found.map(({ id, digest }) => `${id} ${digest}`).join('\n')).slice(0, 12)}`,
    accepts: [...pictureTypes],
    produces: [],
    contract: { options, result },
    normalize: normalizer(found.map(({ id }) => id)),
    engine: { name: 'onnxruntime', version: runtimeVersion },
    models: found
      .map(({ id, description: { title }, labels }) => ({ id, title, labels }))
      .toSorted((a, b) => Number(b.id === bundledModel) - Number(a.id === bundledModel)),
    reads: folders,
    samples: [sample('chart.png', 'A chart', 'image/png'), sample('table.png', 'A table', 'image/png')],
    task: withModels(compiledUrl('./task.ts', import.meta.url), found),
    limits: { timeMs: 120_000, memoryBytes: 2 * 1024 ** 3 },
  };
}

function sample(name: string, title: string, mediaType: string): Sample {
  return { name, title, mediaType, file: new URL(`./samples/${name}`, import.meta.url) };
}
