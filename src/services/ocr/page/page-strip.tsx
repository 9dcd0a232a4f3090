import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatShare } from '../../../ui/format.ts';
import type { PageResult } from '../contract.ts';
import './page-strip.css';
import { surenessOf } from './page-words.ts';

interface PageStripProps {
  readonly pages: readonly PageResult[];
  readonly chosen: number;
  onChoose(number: number): void;
}

/** All pages of a document, to go from one to another. */
export function PageStrip({ pages, chosen, onChoose }: PageStripProps): JSX.Element {
  const strip = useRef<HTMLElement>(null);
  useEffect(() => {
    const current = strip.current?.querySelector('[aria-current]');
    if (current instanceof HTMLElement && strip.current !== null) {
      strip.current.scrollLeft = current.offsetLeft - (strip.current.clientWidth - current.offsetWidth) / 2;
    }
  }, [chosen]);
  return (
    <nav class="page-strip" aria-label="Pages of the document" ref={strip}>
      {pages.map((page) => (
        <button
          key={page.number}
          type="button"
          class={`page-strip-page page-strip-${surenessOf(page)}`}
          aria-current={page.number === chosen ? 'page' : undefined}
          onClick={() => onChoose(page.number)}
        >
          <span class="page-strip-number">
            <span class="unseen">Page </span>
            {page.number}
          </span>
          <span class="page-strip-sure">{page.confidence === null ? 'text' : formatShare(page.confidence)}</span>
        </button>
      ))}
    </nav>
  );
}
