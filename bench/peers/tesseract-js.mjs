/** tesseract.js and nothing else: one worker reads the files that it is given, one after the other. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createWorker } from 'tesseract.js';
import { answering } from '../support/answering.mjs';

const language = dirname(createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json'));
const worker = await createWorker('eng', 1, {
  langPath: join(language, '4.0.0_best_int'),
  cacheMethod: 'none',
  errorHandler: () => {},
});

/** The texts, and the milliseconds for all of them. */
async function readAll({ paths }) {
  const begin = performance.now();
  const texts = [];
  for (const path of paths) {
    const text = await worker.recognize(path).then(
      ({ data }) => data.text,
      () => '',
    );
    texts.push(text);
  }
  return { ms: performance.now() - begin, texts };
}

answering({}, readAll);
