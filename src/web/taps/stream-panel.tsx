import { Pause, Play } from 'lucide';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { formatTime } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import type { BeerFilter } from './beer-filter.ts';
import { useBeers } from './beers-live.ts';
import { type ShownEvent, shownEvent } from './shown-event.ts';
import './stream-panel.css';

const shownMax = 60;

/** What happens, newest first, as it is heard; it can be held to be read. */
export function StreamPanel({ filter }: { filter: BeerFilter }): JSX.Element {
  const [shown, setShown] = useState<readonly ShownEvent[]>([]);
  const [isHeld, setHeld] = useState(false);
  const newest = useRef<readonly ShownEvent[]>([]);

  useBeers((events) => {
    // Of many only the last can be shown.
    const lines = events.slice(-shownMax).flatMap((event) => shownEvent(event, filter) ?? []);
    if (lines.length === 0) return;
    newest.current = [...lines.reverse(), ...newest.current].slice(0, shownMax);
    if (!isHeld) setShown(newest.current);
  });
  useEffect(() => {
    newest.current = [];
    setShown([]);
  }, [filter.type, filter.tapId, filter.from, filter.to]);

  function hold(): void {
    if (isHeld) setShown(newest.current);
    setHeld(!isHeld);
  }

  const actions = (
    <Button kind="quiet" icon={isHeld ? Play : Pause} onClick={hold}>
      {isHeld ? 'Go on' : 'Hold'}
    </Button>
  );
  return (
    <Panel title="What happens" actions={actions} bare>
      {/* A part that scrolls has to be reached by keyboard. */}
      <section class="stream-panel" aria-label="Events, newest first">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the keyboard cannot scroll it */}
        <ol class="stream-panel-list" tabIndex={0}>
          {shown.map(({ key, kind, at, text }) => (
            <li key={key} class={`stream-panel-line stream-panel-${kind}`}>
              <span>{text}</span>
              {at !== null && <time dateTime={at}>{formatTime(at, Date.now())}</time>}
            </li>
          ))}
        </ol>
        {shown.length === 0 && <p class="stream-panel-none">Nothing has happened since you came here.</p>}
      </section>
    </Panel>
  );
}
