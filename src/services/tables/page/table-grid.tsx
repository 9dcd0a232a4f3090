import type { JSX } from 'preact';
import type { TableResult } from '../contract.ts';

/** A table as it was found. */
export function TableGrid({ table }: { table: TableResult }): JSX.Element {
  const { rows = [], headerRows, method, confidence } = table;
  const how = `${method === 'lattice' ? 'Found by its lines' : 'Found by its columns'}, confidence ${Math.round(confidence * 100)} %`;
  if (table.rows === undefined) return <p>The rows stand in the files: JSON was not asked for.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the keyboard cannot scroll it
    <section class="tables-result-grid" tabIndex={0} aria-label="Cells of the table">
      <table>
        <caption>{how}</caption>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map(({ text, rowspan, colspan }, place) => {
                const Cell = at < headerRows ? 'th' : 'td';
                return (
                  <Cell key={place} rowSpan={rowspan} colSpan={colspan}>
                    {text}
                  </Cell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
