import { escaped } from './markup.ts';
import type { Rows } from './rows.ts';

interface HtmlTable {
  readonly rows: Rows;
  readonly headerRows: number;
  readonly page: number;
}

/** All tables as one page. */
export function html(tables: readonly HtmlTable[], title: string): string {
  const body = tables.map(tableOf).join('\n');
  return `<!doctype html>\n<html>\n<head><meta charset="utf-8"><title>${escaped(title)}</title></head>\n<body>\n${body}\n</body>\n</html>\n`;
}

function tableOf({ rows, headerRows, page }: HtmlTable): string {
  const lines = (from: number, to: number, tag: 'th' | 'td') =>
    rows.slice(from, to).map((row) => `<tr>${row.map((cell) => cellOf(cell, tag)).join('')}</tr>`);
  const head = headerRows > 0 ? ['<thead>', ...lines(0, headerRows, 'th'), '</thead>'] : [];
  return [
    `<table data-page="${page}">`,
    ...head,
    '<tbody>',
    ...lines(headerRows, rows.length, 'td'),
    '</tbody>',
    '</table>',
  ].join('\n');
}

function cellOf({ text, rowspan, colspan }: Rows[number][number], tag: 'th' | 'td'): string {
  const spans = `${rowspan > 1 ? ` rowspan="${rowspan}"` : ''}${colspan > 1 ? ` colspan="${colspan}"` : ''}`;
  return `<${tag}${spans}>${escaped(text).replaceAll('\n', '<br>')}</${tag}>`;
}
