import type { JSX } from 'preact';
import './code-block.css';
import { CopyButton } from './copy-button.tsx';

export function CodeBlock({ label, text }: { label: string; text: string }): JSX.Element {
  return (
    <div class="code-block">
      <div class="code-block-actions">
        <CopyButton text={() => text} />
      </div>
      {/* A part that scrolls has to be reached by keyboard. */}
      <section aria-label={label}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the keyboard cannot scroll it */}
        <pre tabIndex={0}>
          <code>{text}</code>
        </pre>
      </section>
    </div>
  );
}
