import type { ButtonHTMLAttributes, ComponentChildren, JSX } from 'preact';
import './button.css';
import { Icon, type IconNode } from './icon.tsx';

export type ButtonKind = 'main' | 'plain' | 'quiet' | 'danger';

interface Look {
  readonly kind?: ButtonKind;
  readonly icon?: IconNode;
  /** What the button does, where it shows nothing but its icon. */
  readonly label?: string;
  readonly children?: ComponentChildren;
}

type ButtonProps = Look & Omit<ButtonHTMLAttributes, keyof Look | 'class' | 'title'>;

export function Button({ kind = 'plain', icon, label, children, type, ...attributes }: ButtonProps): JSX.Element {
  return (
    <button
      {...attributes}
      type={type ?? 'button'}
      class={classOf(kind, children === undefined)}
      aria-label={label}
      title={label}
    >
      {icon !== undefined && <Icon node={icon} />}
      {children}
    </button>
  );
}

type LinkButtonProps = Look & { href: string; download?: string | boolean };

/** A link that looks like a button: it leads somewhere, or saves a file. */
export function LinkButton({ kind = 'plain', icon, label, children, href, download }: LinkButtonProps): JSX.Element {
  return (
    <a href={href} download={download} class={classOf(kind, children === undefined)} aria-label={label} title={label}>
      {icon !== undefined && <Icon node={icon} />}
      {children}
    </a>
  );
}

function classOf(kind: ButtonKind, isIcon: boolean): string {
  return `button button-${kind}${isIcon ? ' button-icon' : ''}`;
}
