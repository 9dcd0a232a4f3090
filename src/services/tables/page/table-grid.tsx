import type { JSX } from 'preact';
import type { TableResult } from '../contract.ts';

/** A table as it was found. */
export function TableGrid({ table }: { table: TableResult }): JSX.Element {
  const { rows = [], headerRows, method, confidence, columns, pages } = table;
  const large = `${countOf(rows.length, 'row')}, ${countOf(columns, 'column')}${pages.length > 1 ? `, on ${pages.length} pages` : ''}`;
  const how = `found by its ${method === 'lattice' ? 'lines' : 'columns'}, confidence ${Math.round(confidence * 100)} %`;
  if (table.rows === undefined) return <p>The rows stand in the files: JSON was not asked for.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the keyboard cannot scroll it
    <section class="tables-result-grid" tabIndex={0} aria-label="Cells of the table">
      <table>
        <caption>{`${large}; ${how}`}</caption>
        {headerRows > 0 && (
          <thead>
            <Lines rows={rows.slice(0, headerRows)} cell="th" />
          </thead>
        )}
        <tbody>
          <Lines rows={rows.slice(headerRows)} cell="td" />
        </tbody>
      </table>
    </section>
  );
}

function Lines({ rows, cell: Cell }: { rows: NonNullable<TableResult['rows']>; cell: 'th' | 'td' }): JSX.Element {
  return (
    <>
      {rows.map((row, at) => (
        <tr key={at}>
          {row.map(({ text, rowspan, colspan }, place) => (
            <Cell key={place} rowSpan={rowspan} colSpan={colspan}>
              {text}
            </Cell>
          ))}
        </tr>
      ))}
    </>
  );
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
