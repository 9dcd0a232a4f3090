import { Link } from 'lucide';
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { linksIn } from './files/found-sources.ts';
import './link-field.css';

/** A link that the server fetches. */
export function LinkField({ onLinks }: { onLinks(links: readonly string[]): void }): JSX.Element {
  const id = useId();
  const [text, setText] = useState('');
  const [error, setError] = useState<string | null>(null);

  function add(event: Event): void {
    event.preventDefault();
    const links = linksIn(text);
    if (links.length === 0) {
      setError('A link begins with https:// or http://');
    } else {
      setText('');
      onLinks(links);
    }
  }

  return (
    <form class="link-field" noValidate onSubmit={add}>
      <label class="unseen" for={id}>
        Link to a file
      </label>
      <input
        class="field-input"
        id={id}
        type="url"
        inputMode="url"
        autocomplete="off"
        placeholder="Or a link: https://…"
        aria-invalid={error !== null}
        aria-describedby={`${id}-error`}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setError(null);
        }}
      />
      <Button type="submit" icon={Link} disabled={text.trim() === ''}>
        Add
      </Button>
      <p class="field-frame-error" id={`${id}-error`} aria-live="polite">
        {error}
      </p>
    </form>
  );
}
