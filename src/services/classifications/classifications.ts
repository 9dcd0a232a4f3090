import { realpath } from 'node:fs/promises';
import { compiledUrl } from '../../core/compiled-url.ts';
import { pictureTypes } from '../../media/picture-types.ts';
import type { Sample, Service } from '../../ports/service.ts';
import { bundledModel, options, result } from './contract.ts';
import { bundledModels } from './find-models.ts';
import { InstalledModels } from './installed-models.ts';
import { withFolders } from './model-folders.ts';
import { normalizer } from './normalize.ts';

/** Of ours: counts up whenever pictures are prepared or labels are made in another way. */
const revision = 1;
/** Of onnxruntime, which decides every score. */
const runtimeVersion = '1.30.0';

/** Looks at a model before it is installed. */
export const checkTask = compiledUrl('./check-task.ts', import.meta.url);

/**
 * The service that tells what is in a picture, with the model that comes with it and those in the folder, which is looked into again
 * and again: models come and go while the server runs.
 */
export async function openClassifications(folder: string): Promise<Service> {
  const own = await realpath(folder).catch(() => null);
  const bundled = await realpath(bundledModels);
  const folders = own === null ? [bundled] : [bundled, own];
  const installed = new InstalledModels(folders);
  return {
    name: 'classifications',
    title: 'Classification',
    summary: 'Tells what is in a picture, or what kind of picture it is, with any ONNX model.',
    get version() {
      return `${runtimeVersion}/${revision}+${installed.digest.slice(0, 12)}`;
    },
    accepts: [...pictureTypes],
    produces: [],
    contract: { options, result },
    normalize: normalizer(() => installed.found.map(({ id }) => id)),
    engine: { name: 'onnxruntime', version: runtimeVersion },
    get models() {
      return installed.found
        .map(({ id, description: { title }, labels }) => ({ id, title, labels }))
        .toSorted((a, b) => Number(b.id === bundledModel) - Number(a.id === bundledModel));
    },
    reads: folders,
    samples: [sample('chart.png', 'A chart', 'image/png'), sample('table.png', 'A table', 'image/png')],
    task: withFolders(compiledUrl('./task.ts', import.meta.url), folders),
    limits: { timeMs: 120_000, memoryBytes: 2 * 1024 ** 3 },
  };
}

function sample(name: string, title: string, mediaType: string): Sample {
  return { name, title, mediaType, file: new URL(`./samples/${name}`, import.meta.url) };
}
