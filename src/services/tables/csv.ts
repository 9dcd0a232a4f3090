import type { Rows } from './rows.ts';

/** RFC 4180, in UTF-8. A cell that spans others has its text at its first place; the others are empty. */
export function csv(rows: Rows, columnCount: number): string {
  return spread(rows, columnCount)
    .map((row) => `${row.map(field).join(',')}\r\n`)
    .join('');
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Every place of the grid: what a span covers is empty. */
export function spread(rows: Rows, columnCount: number): string[][] {
  const texts = rows.map(() => new Array<string>(columnCount).fill(''));
  const taken = rows.map(() => new Array<boolean>(columnCount).fill(false));
  for (const [at, row] of rows.entries()) {
    let column = 0;
    for (const { text, rowspan, colspan } of row) {
      while (taken[at]?.[column]) column += 1;
      const line = texts[at];
      if (line !== undefined) line[column] = text;
      for (let down = at; down < at + rowspan; down += 1) taken[down]?.fill(true, column, column + colspan);
      column += colspan;
    }
  }
  return texts;
}
