import type { ReadonlySignal } from '@preact/signals';
import { Pause, Play } from 'lucide';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { formatTime } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import type { ShownEvent } from './shown-event.ts';
import './stream-panel.css';

/** What happens, newest first, as it is heard; it can be held to be read. */
export function StreamPanel({ heard }: { heard: ReadonlySignal<readonly ShownEvent[]> }): JSX.Element {
  const [held, setHeld] = useState<readonly ShownEvent[] | null>(null);
  const isHeld = held !== null;
  const shown = held ?? heard.value;

  const actions = (
    <Button kind="quiet" icon={isHeld ? Play : Pause} onClick={() => setHeld(isHeld ? null : heard.peek())}>
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
