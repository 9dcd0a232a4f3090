import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';

/** Under this id a shortcut finds the field. */
export const labelFieldId = 'label-filter';

/** Takes `key=value` and hands it on. */
export function LabelField({ onAdd }: { onAdd(name: string, value: string): void }): JSX.Element {
  const [text, setText] = useState('');
  const [isWrong, setWrong] = useState(false);
  const problemId = useId();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const [, name, value] = /^\s*([^=]*[^=\s])\s*=\s*(.*?)\s*$/.exec(text) ?? [];
    setWrong(name === undefined && text.trim() !== '');
    if (name === undefined || value === undefined) return;
    setText('');
    onAdd(name, value);
  }

  return (
    <form class="filter-bar-field" onSubmit={submit}>
      <label for={labelFieldId}>Label</label>
      <input
        class="filter-bar-input"
        id={labelFieldId}
        type="text"
        placeholder="key=value"
        autocomplete="off"
        spellcheck={false}
        enterkeyhint="search"
        value={text}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? problemId : undefined}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setWrong(false);
        }}
        onKeyDown={({ key, currentTarget }) => key === 'Escape' && currentTarget.blur()}
      />
      {isWrong && (
        <span class="filter-bar-problem" id={problemId} role="alert">
          Write it as key=value, for example case=A-17.
        </span>
      )}
    </form>
  );
}
