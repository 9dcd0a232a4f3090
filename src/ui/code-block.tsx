import type { ComponentChildren, JSX } from 'preact';
import './code-block.css';
import { CopyButton } from './copy-button.tsx';

interface CodeBlockProps {
  readonly label: string;
  readonly text: string;
  /** What is copied, where more than what is shown. */
  readonly whole?: string;
  /** Further buttons. */
  readonly actions?: ComponentChildren;
}

export function CodeBlock({ label, text, whole = text, actions }: CodeBlockProps): JSX.Element {
  return (
    <div class="code-block">
      <div class="code-block-actions">
        <CopyButton text={() => whole} />
        {actions}
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
