import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import './filter-bar.css';

interface FilterChoicesProps<Choice extends string> {
  /** What is chosen among. */
  readonly title: string;
  readonly choices: readonly Choice[];
  readonly words: Readonly<Record<Choice, string>>;
  readonly chosen: Choice | undefined;
  addressOf(choice: Choice | undefined): string;
}

/** Links to all, and to those of each kind. */
export function FilterChoices<Choice extends string>(props: FilterChoicesProps<Choice>): JSX.Element {
  const { title, choices, words, chosen, addressOf } = props;
  const links = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone not all have room.
    links.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  }, [chosen]);
  return (
    <nav class="filter-bar-states" aria-label={title} ref={links}>
      {[undefined, ...choices].map((choice) => (
        <a key={choice} class="filter-bar-state" href={addressOf(choice)} aria-current={chosen === choice ? 'true' : undefined}>
          {choice === undefined ? 'All' : words[choice]}
        </a>
      ))}
    </nav>
  );
}
