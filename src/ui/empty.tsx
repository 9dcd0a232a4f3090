import type { ComponentChildren, JSX } from 'preact';
import './empty.css';
import { Icon, type IconNode } from './icon.tsx';

/** Where there is nothing yet: why, and what to do. */
export function Empty({ icon, title, children }: { icon: IconNode; title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <Icon node={icon} size={36} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}
