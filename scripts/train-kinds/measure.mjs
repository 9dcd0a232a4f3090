/**
 * Asks the bundled model about pictures that it was not made from: pages of `../shared/corpora/ocr` and `pdf`, which are documents,
 * and `photos`. Prints how many of each were told to be what. Usage, after `npm run build`: node scripts/train-kinds/measure.mjs
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPdf } from '../../dist/media/pdf.js';
import { fromPixels, openPicture } from '../../dist/media/sharp.js';
import { askModel } from '../../dist/services/classifications/ask-model.js';
import { bundledModels, findModels } from '../../dist/services/classifications/find-models.js';
import { loadModel, readDescription } from '../../dist/services/classifications/load-model.js';
import { pictureValues } from '../../dist/services/classifications/picture-values.js';
import { topLabels } from '../../dist/services/classifications/top-labels.js';

const corpora = fileURLToPath(new URL('../../../shared/corpora/', import.meta.url));
const types = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  webp: 'image/webp',
};
const pagesMax = 3;
/** Pages are drawn at about 100 dots an inch first, as somebody would who hands one in. */
const pageSide = 1_100;
const scratch = mkdtempSync(join(tmpdir(), 'coatcheck-kinds-'));

const [{ folder: modelFolder }] = findModels([bundledModels]).found;
const model = await loadModel(modelFolder, await readDescription(modelFolder));

async function kindOf(picture) {
  const { description, labels, onnx } = model;
  const values = await pictureValues(picture, description.input);
  const [top] = topLabels(await askModel(onnx, description.input, labels.length, values), labels, description.output, 1);
  return top.label;
}

async function kindsOf(path) {
  const ending = path.split('.').at(-1).toLowerCase();
  if (ending !== 'pdf')
    return [await kindOf(await openPicture({ path, mediaType: types[ending], picture: null }, { lenient: false }))];
  const pdf = await openPdf(path);
  try {
    const kinds = [];
    for (let at = 0; at < Math.min(pdf.pageCount, pagesMax); at++) {
      const page = pdf.page(at);
      const longest = Math.max(page.width, page.height);
      const [width, height] = [page.width, page.height].map((points) => Math.max(1, Math.round((points / longest) * pageSide)));
      const written = join(scratch, 'page.png');
      await fromPixels(await page.render({ width, height }))
        .png()
        .toFile(written);
      kinds.push(await kindOf(await openPicture({ path: written, mediaType: 'image/png', picture: null }, { lenient: false })));
      page.close?.();
    }
    return kinds;
  } finally {
    pdf.close();
  }
}

for (const folder of ['ocr', 'pdf', 'photos']) {
  if (!existsSync(`${corpora}${folder}`)) continue;
  const counts = new Map();
  let unread = 0;
  for (const name of readdirSync(`${corpora}${folder}`).sort()) {
    const ending = name.split('.').at(-1).toLowerCase();
    if (ending !== 'pdf' && types[ending] === undefined) continue;
    // Broken and encrypted files have no picture.
    const kinds = await kindsOf(`${corpora}${folder}/${name}`).catch(() => null);
    if (kinds === null) unread += 1;
    for (const kind of kinds ?? []) counts.set(kind, [...(counts.get(kind) ?? []), name]);
    if (process.argv.includes('--names')) console.log(name, kinds);
  }
  const told = [...counts].sort((a, b) => b[1].length - a[1].length).map(([kind, names]) => `${kind} ${names.length}`);
  console.log(`${folder}: ${told.join(', ')}; ${unread} files without a picture`);
}
rmSync(scratch, { recursive: true });
