import type { ComponentChildren, JSX } from 'preact';
import { formatBytes } from '../../ui/format.ts';
import type { Chosen } from './chosen.ts';
import './file-row.css';
import { nameOfType } from './files/kinds.ts';
import { Preview } from './preview.tsx';

interface FileRowProps {
  readonly entry: Chosen;
  /** What is to be said about it, instead of its kind and size. */
  readonly note?: ComponentChildren;
  readonly bad?: boolean;
  /** Buttons behind it. */
  readonly actions: ComponentChildren;
}

/** One file or link in a list. */
export function FileRow({ entry, note, bad = false, actions }: FileRowProps): JSX.Element {
  return (
    <li class={`file-row${bad ? ' file-row-bad' : ''}`}>
      <Preview source={entry.source} mediaType={entry.mediaType} />
      <div class="file-row-text">
        <span class="file-row-name" title={entry.name}>
          {entry.name}
        </span>
        <div class="file-row-note">{note ?? factsOf(entry)}</div>
      </div>
      <div class="file-row-actions">{actions}</div>
    </li>
  );
}

function factsOf({ bytes, mediaType }: Chosen): string {
  if (bytes === null) return 'Link, fetched by the server';
  return [...(mediaType === null ? [] : [nameOfType(mediaType)]), formatBytes(bytes)].join(', ');
}
