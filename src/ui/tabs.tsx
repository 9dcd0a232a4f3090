import type { ComponentChildren, JSX } from 'preact';
import { useId, useRef } from 'preact/hooks';
import './tabs.css';
import { useUrlParameter } from './url-parameter.ts';

export interface Tab {
  readonly name: string;
  readonly title: string;
  render(): ComponentChildren;
}

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly Tab[];
  /** Under this name the chosen tab stands in the address, where it shall. */
  readonly parameter?: string;
}

/** One of several views at a time (the tab pattern of the ARIA practices: arrows move, Home and End jump); the first until one is chosen. */
export function Tabs({ label, tabs, parameter }: TabsProps): JSX.Element {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useUrlParameter(parameter ?? null);
  const current = tabs.find(({ name }) => name === chosen) ?? tabs[0];

  function choose(name: string | undefined): void {
    setChosen(name === undefined || name === tabs[0]?.name ? null : name);
  }

  function move(event: KeyboardEvent): void {
    const at = current === undefined ? -1 : tabs.indexOf(current);
    const targets: Readonly<Record<string, number>> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    const to = targets[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    choose(tabs[next]?.name);
    const button = list.current?.children[next];
    if (button instanceof HTMLElement) button.focus();
  }

  return (
    <div>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.name}
            type="button"
            role="tab"
            class="tab"
            id={`${id}-${tab.name}`}
            aria-controls={`${id}-panel`}
            aria-selected={tab === current}
            tabIndex={tab === current ? 0 : -1}
            onClick={() => choose(tab.name)}
          >
            {tab.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${current?.name}`}>
        {current?.render()}
      </div>
    </div>
  );
}
