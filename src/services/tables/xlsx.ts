import { strToU8, zipSync } from 'fflate';
import { escaped } from './markup.ts';
import type { Rows } from './rows.ts';

// The least that makes a workbook (ECMA-376): a sheet a table, texts in place, spans as merged cells, headers bold.

interface Sheet {
  readonly name: string;
  readonly rows: Rows;
  readonly columns: number;
  readonly headerRows: number;
}

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** A fixed date, so that the same tables make the same bytes. */
const modified = new Date('2000-01-01T00:00:00');

/** A workbook has at least one sheet: without tables an empty one. */
export function xlsx(tables: readonly Sheet[]): Uint8Array {
  const sheets = tables.length > 0 ? tables : [{ name: 'No tables', rows: [], columns: 1, headerRows: 0 }];
  const parts: Record<string, string> = {
    '[Content_Types].xml': contentTypes(sheets.length),
    '_rels/.rels': relationships([['officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': workbook(sheets),
    'xl/_rels/workbook.xml.rels': relationships([
      ...sheets.map((_, at) => ['worksheet', `worksheets/sheet${at + 1}.xml`] as const),
      ['styles', 'styles.xml'] as const,
    ]),
    'xl/styles.xml': styles,
  };
  for (const [at, sheet] of sheets.entries()) parts[`xl/worksheets/sheet${at + 1}.xml`] = worksheet(sheet);
  return zipSync(Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(text)])), { mtime: modified });
}

function contentTypes(count: number): string {
  const part = (name: string, type: string) => `<Override PartName="/xl/${name}.xml" ContentType="${types}.${type}+xml"/>`;
  const sheets = Array.from({ length: count }, (_, at) => part(`worksheets/sheet${at + 1}`, 'worksheet')).join('');
  const defaults =
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>';
  return `${head}<Types xmlns="${packages}/content-types">${defaults}${part('workbook', 'sheet.main')}${part('styles', 'styles')}${sheets}</Types>`;
}

function relationships(targets: readonly (readonly [type: string, target: string])[]): string {
  const each = targets.map(
    ([type, target], at) => `<Relationship Id="rId${at + 1}" Type="${relations}/${type}" Target="${target}"/>`,
  );
  return `${head}<Relationships xmlns="${packages}/relationships">${each.join('')}</Relationships>`;
}

function workbook(sheets: readonly Sheet[]): string {
  const each = sheets.map(({ name }, at) => `<sheet name="${escaped(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`);
  return `${head}<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${each.join('')}</sheets></workbook>`;
}

/** Style 1 is bold. */
const styles = `${head}<styleSheet xmlns="${main}"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/></cellXfs></styleSheet>`;

function worksheet({ rows, columns, headerRows }: Sheet): string {
  const taken = rows.map(() => new Array<boolean>(columns).fill(false));
  const merged: string[] = [];
  const lines = rows.map((row, at) => {
    let column = 0;
    const cells = row.map(({ text, rowspan, colspan }) => {
      while (taken[at]?.[column]) column += 1;
      const place = column;
      for (let down = at; down < at + rowspan; down += 1) taken[down]?.fill(true, place, place + colspan);
      if (rowspan > 1 || colspan > 1) merged.push(`${nameOf(at, place)}:${nameOf(at + rowspan - 1, place + colspan - 1)}`);
      column += colspan;
      return cellOf(text, nameOf(at, place), at < headerRows);
    });
    return `<row r="${at + 1}">${cells.join('')}</row>`;
  });
  const merges = merged.map((range) => `<mergeCell ref="${range}"/>`).join('');
  const spans = merges === '' ? '' : `<mergeCells count="${merged.length}">${merges}</mergeCells>`;
  return `${head}<worksheet xmlns="${main}"><sheetData>${lines.join('')}</sheetData>${spans}</worksheet>`;
}

/** No program shows more in a cell. */
const cellCharsMax = 32_767;

/** What can mean only one number is one; 1,234 and 1.234 are not the same everywhere and stay text. */
function cellOf(text: string, name: string, isHeader: boolean): string {
  if (text === '') return '';
  const style = isHeader ? ' s="1"' : '';
  if (/^-?(0|[1-9]\d{0,14})(\.\d{1,2})?$/.test(text)) return `<c r="${name}"${style}><v>${text}</v></c>`;
  return `<c r="${name}"${style} t="inlineStr"><is><t xml:space="preserve">${escaped(text.slice(0, cellCharsMax))}</t></is></c>`;
}

/** A1, Z9, AA10. */
function nameOf(row: number, column: number): string {
  let letters = '';
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1) letters = String.fromCharCode(65 + (rest % 26)) + letters;
  return `${letters}${row + 1}`;
}
