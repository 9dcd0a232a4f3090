import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openClassifications } from './classifications.ts';
import { normalizer } from './normalize.ts';

test('the version names the onnxruntime that is installed', async () => {
  const library = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '../package.json');
  const { version } = JSON.parse(readFileSync(library, 'utf8'));
  const service = await openClassifications('/absent');
  expect(service.version.split('/')[0]).toBe(version);
  expect(service.engine).toEqual({ name: 'onnxruntime', version });
});

test('the bundled model is there without a folder of models', async () => {
  const { models } = await openClassifications('/absent');
  expect(models).toEqual([{ id: 'kinds', title: 'Kinds of pictures', labels: 8 }]);
});

test.each(['other', '../kinds', 'https://example.org/kinds', '', 'kinds/../kinds', 'KINDS'])(
  'the model %j is refused',
  (model) => {
    const normalize = normalizer(() => ['kinds']);
    expect(() => normalize({ model, top: 5 })).toThrow(expect.objectContaining({ code: 'unknown-model' }));
  },
);

test('a misspelled model is told what was meant', () => {
  expect(() => normalizer(() => ['kinds', 'resnet'])({ model: 'kimds', top: 5 })).toThrow('Did you mean kinds?');
});
