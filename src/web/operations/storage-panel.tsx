import type { JSX } from 'preact';
import type { StorageView } from '../../client/client.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import './storage-panel.css';

/** With so many times the room left below which the server takes nothing new, it is said that room becomes short. */
const lowReserves = 4;

/** What is kept, and how much room is left for more. */
export function StoragePanel({ storage }: { storage: StorageView }): JSX.Element {
  const { files, results, databaseBytes, freeBytes, reserveBytes } = storage;
  // Results and small files lie in the database.
  const usedBytes = files.bytes + (databaseBytes ?? 0);
  const share = freeBytes === null || usedBytes + freeBytes === 0 ? null : usedBytes / (usedBytes + freeBytes);
  const isLow = freeBytes !== null && freeBytes < lowReserves * reserveBytes;
  return (
    <Panel title="Storage">
      <div class="storage-panel">
        {isLow && (
          <Notice kind="warn" title={`Only ${formatBytes(freeBytes)} are left`}>
            <span>
              Below {formatBytes(reserveBytes)} new files are refused. Delete old jobs, keep them for a shorter time, or add room.
            </span>
          </Notice>
        )}
        {share !== null && freeBytes !== null && (
          <div
            class={`storage-panel-bar${isLow ? ' storage-panel-bar-low' : ''}`}
            role="img"
            aria-label={`${formatBytes(usedBytes)} taken, ${formatBytes(freeBytes)} left`}
          >
            <div style={{ width: `${share * 100}%` }} />
          </div>
        )}
        <dl class="storage-panel-figures">
          <div>
            <dt>Files</dt>
            <dd>{formatBytes(files.bytes)}</dd>
            <dd class="storage-panel-quiet">{formatCount(files.count)} kept</dd>
          </div>
          <div>
            <dt>Results</dt>
            <dd>{formatBytes(results.bytes)}</dd>
            <dd class="storage-panel-quiet">{formatCount(results.count)} kept</dd>
          </div>
          <div>
            <dt>Database</dt>
            <dd>{databaseBytes === null ? '–' : formatBytes(databaseBytes)}</dd>
            <dd class="storage-panel-quiet">with results and small files</dd>
          </div>
          <div>
            <dt>Room left</dt>
            <dd>{freeBytes === null ? '–' : formatBytes(freeBytes)}</dd>
            <dd class="storage-panel-quiet">{formatBytes(usedBytes)} taken by Coatcheck</dd>
          </div>
        </dl>
      </div>
    </Panel>
  );
}
