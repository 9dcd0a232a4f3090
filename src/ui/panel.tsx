import type { ComponentChildren, JSX } from 'preact';
import './panel.css';

interface PanelProps {
  readonly title: string;
  /** Buttons beside the title. */
  readonly actions?: ComponentChildren;
  /** For content that reaches to the edges, such as a table. */
  readonly bare?: boolean;
  readonly children: ComponentChildren;
}

export function Panel({ title, actions, bare = false, children }: PanelProps): JSX.Element {
  return (
    <section class="panel" aria-label={title}>
      <div class="panel-head">
        <h2>{title}</h2>
        {actions}
      </div>
      {bare ? children : <div class="panel-body">{children}</div>}
    </section>
  );
}
