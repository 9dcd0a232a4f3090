import { Fragment, type JSX } from 'preact';
import type { PageResult } from '../contract.ts';
import './page-text.css';
import { type NumberedLine, pageText, surenessOf } from './page-words.ts';

/** The text of a page, word by word where the places of the words are known. */
export function PageText({ page, lines }: { page: PageResult; lines: readonly NumberedLine[] }): JSX.Element {
  const plain = pageText(page);
  return (
    <section class="page-text" aria-label={`Text of page ${page.number}`}>
      {lines.length > 0 && lines.map((line) => <Line key={line.words[0]?.at} line={line} />)}
      {lines.length === 0 && plain !== '' && <pre class="page-text-plain">{plain}</pre>}
      {lines.length === 0 && plain === '' && <p class="page-text-none">No text was found on this page.</p>}
    </section>
  );
}

function Line({ line: { words, beginsParagraph } }: { line: NumberedLine }): JSX.Element {
  return (
    <p class={`page-text-line${beginsParagraph ? ' page-text-paragraph' : ''}`}>
      {words.map(({ at, word }) => (
        <Fragment key={at}>
          <span data-word={at} class={`page-text-word page-text-${surenessOf(word)}`}>
            {word.text}
          </span>{' '}
        </Fragment>
      ))}
    </p>
  );
}
