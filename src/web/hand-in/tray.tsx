import { X } from 'lucide';
import type { JSX } from 'preact';
import { Button } from '../../ui/button.tsx';
import { formatCount } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { announce } from './announce.ts';
import { type Chosen, unchoose } from './chosen.ts';
import { FileRow } from './file-row.tsx';
import './tray.css';

interface TrayProps {
  readonly entries: readonly Chosen[];
  refusal(entry: Chosen): string | null;
}

/** What is chosen and not handed in yet. */
export function Tray({ entries, refusal }: TrayProps): JSX.Element {
  const removeAll = (
    <Button
      kind="quiet"
      onClick={() => {
        unchoose(entries.map(({ id }) => id));
        announce('The list is empty.');
      }}
    >
      Remove all
    </Button>
  );
  return (
    <Panel title={entries.length === 1 ? '1 file' : `${formatCount(entries.length)} files`} actions={removeAll} bare>
      <ul class="tray">
        {entries.map((entry) => {
          const refused = refusal(entry);
          return (
            <FileRow
              key={entry.id}
              entry={entry}
              bad={refused !== null}
              note={refused ?? undefined}
              actions={
                <Button
                  kind="quiet"
                  icon={X}
                  label={`Remove ${entry.name}`}
                  onClick={() => {
                    unchoose([entry.id]);
                    announce(`${entry.name} removed.`);
                  }}
                />
              }
            />
          );
        })}
      </ul>
    </Panel>
  );
}
