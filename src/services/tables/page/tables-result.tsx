import { Download } from 'lucide';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { LinkButton } from '../../../ui/button.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { fileUrl, type ResultProps } from '../../../ui/service-page.ts';
import type { Result } from '../contract.ts';
import { PageTables } from './page-tables.tsx';
import { TableGrid } from './table-grid.tsx';
import './tables-result.css';

/** A table with more columns has the whole width, below its page. */
const besideMax = 8;

const names = { csv: 'CSV', xlsx: 'XLSX', html: 'HTML', xml: 'XML', text: 'Text' } as const;

/** The page with its tables marked, the chosen table beside it, and the files. */
export function TablesResult({ job, result, client }: ResultProps<Result>): JSX.Element {
  const [chosen, choose] = useState(0);
  const table = result.tables[chosen];
  const page = result.pages.find(({ number }) => number === table?.page);
  const sheets = result.files.filter(({ mediaType }) => mediaType === 'text/csv').map(({ file }) => file);
  // Of many tables the sheet of the one that is seen; the others are a choice away, and in the zip.
  const shown = result.files.filter(({ file }) => !sheets.includes(file) || sheets.indexOf(file) === chosen);
  return (
    <div class="tables-result">
      {result.tables.length === 0 && <NoTables />}
      <div class="tables-result-bar">
        <span hidden={result.tables.length === 0}>
          {`${result.tables.length} ${result.tables.length === 1 ? 'table' : 'tables'} `}
          {result.tables.length > 1 && (
            <select aria-label="Which table" value={chosen} onChange={(event) => choose(Number(event.currentTarget.value))}>
              {result.tables.map((each, at) => (
                <option key={`${each.page} ${each.box.join(' ')}`} value={at}>{`Table ${at + 1}, page ${each.page}`}</option>
              ))}
            </select>
          )}
        </span>
        {shown.map(({ file, output, mediaType }) => (
          <LinkButton key={`${output} ${mediaType}`} icon={Download} href={fileUrl(file)} download>
            {mediaType === 'application/zip'
              ? 'All as CSV'
              : sheets.length > 1 && output === 'csv'
                ? 'This as CSV'
                : names[output]}
          </LinkButton>
        ))}
      </div>
      {table !== undefined && page !== undefined && (
        <div class={`tables-result-halves${table.columns > besideMax ? ' tables-result-wide' : ''}`}>
          <PageTables job={job} client={client} page={page} {...{ tables: result.tables, chosen, choose }} />
          <TableGrid table={table} />
        </div>
      )}
    </div>
  );
}

function NoTables(): JSX.Element {
  return (
    <Notice title="No tables were found">
      <span>
        Where the text stands in columns without lines, the method Stream may see more. With XML or text alone, no tables are
        looked for.
      </span>
    </Notice>
  );
}
