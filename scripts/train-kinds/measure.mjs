/**
 * Asks the bundled model about pictures that it was not made from: pages of `../shared/corpora/ocr` and `pdf`, which are documents,
 * and `photos`. Prints how many of each were told to be what. Usage, after `npm run build`:
 * node scripts/train-kinds/measure.mjs [FOLDER OF ANOTHER MODEL]
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPdf } from '../../dist/media/pdf.js';
import { fromPixels, openPicture } from '../../dist/media/sharp.js';
import { askModel } from '../../dist/services/classifications/ask-model.js';
import { bundledModels } from '../../dist/services/classifications/find-models.js';
import { loadModel, readDescription } from '../../dist/services/classifications/load-model.js';
import { pictureValues } from '../../dist/services/classifications/picture-values.js';
import { topLabels } from '../../dist/services/classifications/top-labels.js';

const corpora = fileURLToPath(new URL('../../../shared/corpora/', import.meta.url));
const types = { '.jpg': 'image/jpeg', '.png': 'image/png', '.tif': 'image/tiff', '.webp': 'image/webp' };
const pagesMax = 3;
/** A page of a PDF that has so many characters is a page of text, whatever else is on it. */
const textCharsMin = 200;
/** Pages are drawn at about 100 dots an inch first, as by somebody who hands one in. */
const pageSide = 1_100;

const folder = process.argv[2] ?? join(bundledModels, 'kinds');
const { description, labels, onnx } = await loadModel(folder, readDescription(folder));
const scratch = mkdtempSync(join(tmpdir(), 'coatcheck-kinds-'));

async function kindOf(path, mediaType) {
  const picture = await openPicture({ path, mediaType, picture: null }, { lenient: false });
  const numbers = await askModel(onnx, description.input, labels.length, await pictureValues(picture, description.input));
  return topLabels(numbers, labels, description.output, 1)[0].label;
}

/** The first pages of a PDF: `[whether it is a page of text, its kind]` of each. */
async function kindsOfPages(path) {
  const pdf = await openPdf(path);
  try {
    const kinds = [];
    for (let at = 0; at < Math.min(pdf.pageCount, pagesMax); at++) {
      const page = pdf.page(at);
      const longest = Math.max(page.width, page.height);
      const [width, height] = [page.width, page.height].map((points) => Math.max(1, Math.round((points / longest) * pageSide)));
      const drawn = join(scratch, 'page.png');
      await fromPixels(await page.render({ width, height }))
        .png()
        .toFile(drawn);
      kinds.push([page.text().trim().length >= textCharsMin, await kindOf(drawn, 'image/png')]);
    }
    return kinds;
  } finally {
    pdf.close();
  }
}

function* filesIn(name, endings) {
  for (const file of readdirSync(join(corpora, name)).sort()) {
    const ending = extname(file).toLowerCase();
    if (endings.includes(ending)) yield { path: join(corpora, name, file), ending };
  }
}

function print(what, kinds) {
  const counts = new Map();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const told = [...counts].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${kind} ${count}`);
  console.log(`${kinds.length} ${what}: ${told.join(', ')}`);
}

try {
  for (const [name, what] of [
    ['ocr', 'pictures of text'],
    ['photos', 'photos'],
  ]) {
    const kinds = [];
    for (const { path, ending } of filesIn(name, Object.keys(types))) kinds.push(await kindOf(path, types[ending]));
    print(what, kinds);
  }
  const pages = [];
  let unread = 0;
  for (const { path } of filesIn('pdf', ['.pdf'])) {
    // Broken and encrypted files have no picture.
    const kinds = await kindsOfPages(path).catch(() => null);
    if (kinds === null) unread += 1;
    else pages.push(...kinds);
  }
  for (const isText of [true, false]) {
    const kinds = pages.filter(([hasText]) => hasText === isText).map(([, kind]) => kind);
    print(isText ? 'pages of PDFs with text' : 'pages of PDFs with little or no text', kinds);
  }
  console.log(`${unread} PDFs cannot be read`);
} finally {
  rmSync(scratch, { recursive: true });
}
