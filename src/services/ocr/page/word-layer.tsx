import type { CSSProperties, JSX } from 'preact';
import type { PageResult } from '../contract.ts';
import { surenessOf, type WordResult } from './page-words.ts';
import './word-layer.css';

/** The words where they stand on the page. `useLinkedWords` makes them answer. */
export function WordLayer({ page, words }: { page: PageResult; words: readonly WordResult[] }): JSX.Element | null {
  if (words.length === 0) return null;
  return (
    <div class="word-layer" role="listbox" aria-multiselectable aria-label={`Words of page ${page.number}, where they stand`}>
      {words.map((word, at) => (
        <div
          key={at}
          role="option"
          aria-label={word.text}
          aria-selected={false}
          tabIndex={at === 0 ? 0 : -1}
          data-word={at}
          class={`word-layer-word word-layer-${surenessOf(word)}`}
          style={placeOf(word, page)}
        />
      ))}
    </div>
  );
}

function placeOf({ box: [x = 0, y = 0, width = 0, height = 0] }: WordResult, page: PageResult): CSSProperties {
  const share = (part: number, whole: number) => `${(part / whole) * 100}%`;
  return {
    left: share(x, page.width),
    top: share(y, page.height),
    width: share(width, page.width),
    height: share(height, page.height),
  };
}
