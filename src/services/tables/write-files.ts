import { strToU8, zipSync } from 'fflate';
import type { TaskContext } from '../../ports/service.ts';
import type { Output, Result } from './contract.ts';
import { csv } from './csv.ts';
import { html } from './html.ts';
import type { PlacedTable } from './join-pages.ts';
import { rowsOf } from './rows.ts';
import { xlsx } from './xlsx.ts';
import { xml } from './xml.ts';

/** A job may have 1,000 outputs: of more tables there is only the zip. */
const csvFilesMax = 900;
const sheetType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** A page as it stands in the files of all pages; null where that file is not asked for. */
export interface PageTexts {
  readonly plain: string | null;
  readonly xml: string | null;
}

export async function writeFiles(
  { outputBytes }: Pick<TaskContext, 'outputBytes'>,
  outputs: readonly Output[],
  stem: string,
  tables: readonly PlacedTable[],
  pages: readonly PageTexts[],
): Promise<Result['files']> {
  const files: Result['files'] = [];
  const write = async (output: Exclude<Output, 'json'>, ending: string, mediaType: string, bytes: Uint8Array) => {
    files.push({ output, mediaType, bytes: bytes.length, file: await outputBytes(`${stem}${ending}`, mediaType, bytes) });
  };
  const named = tables.map(({ grid, pages: [page = 0] }, at) => ({
    ...grid,
    page,
    name: `Table ${at + 1}, page ${page}`,
    columns: grid.columnCount,
    rows: rowsOf(grid),
  }));
  if (outputs.includes('csv')) {
    const texts = named.map(({ rows, columns }) => strToU8(csv(rows, columns)));
    if (texts.length <= csvFilesMax)
      for (const [at, bytes] of texts.entries()) await write('csv', `.${at + 1}.csv`, 'text/csv', bytes);
    if (texts.length > 1) {
      const entries = Object.fromEntries(texts.map((bytes, at) => [`${stem}.${at + 1}.csv`, bytes]));
      await write('csv', '.csv.zip', 'application/zip', zipSync(entries, { mtime: modified }));
    }
  }
  if (outputs.includes('xlsx')) await write('xlsx', '.xlsx', sheetType, xlsx(named));
  if (outputs.includes('html')) await write('html', '.html', 'text/html', strToU8(html(named, stem)));
  const texts = (kind: keyof PageTexts) => pages.map((page) => page[kind] ?? '');
  if (outputs.includes('xml')) await write('xml', '.xml', 'application/xml', strToU8(xml(texts('xml'))));
  // Pages stand apart by a form feed.
  if (outputs.includes('text')) await write('text', '.txt', 'text/plain', strToU8(texts('plain').join('\f')));
  return files;
}

/** The same tables make the same bytes. */
const modified = new Date('2000-01-01T00:00:00');
