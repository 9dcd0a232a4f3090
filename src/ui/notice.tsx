import { CircleAlert, Info, TriangleAlert } from 'lucide';
import type { ComponentChildren, JSX } from 'preact';
import { ProblemError } from '../client/client.ts';
import { messageOf } from '../core/message-of.ts';
import { Icon } from './icon.tsx';
import './notice.css';
import { Prose } from './prose.tsx';

interface NoticeProps {
  readonly kind?: 'info' | 'warn' | 'bad';
  readonly title: string;
  readonly children?: ComponentChildren;
}

const icons = { info: Info, warn: TriangleAlert, bad: CircleAlert };

/** What has happened, and what can be done about it. Errors are read out at once. */
export function Notice({ kind = 'info', title, children }: NoticeProps): JSX.Element {
  return (
    <div class={`notice notice-${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      <Icon node={icons[kind]} />
      <div class="notice-text">
        <span class="notice-title">{title}</span>
        {children}
      </div>
    </div>
  );
}

/** An error of the client in plain words: what the server says, with the page that explains it. */
export function ErrorNotice({ error, children }: { error: unknown; children?: ComponentChildren }): JSX.Element {
  if (!(error instanceof ProblemError)) {
    return (
      <Notice kind="bad" title="The server cannot be reached">
        <span>{messageOf(error)}</span>
        {children}
      </Notice>
    );
  }
  const fields = error.errors.map(({ pointer, detail }) => ({ name: pointer.replace(/^#\//, ''), detail }));
  // Where the sentence of the problem is made of the fields, they say it better.
  const isSaid = error.errors.some(({ detail }) => error.detail.includes(detail));
  return (
    <Notice kind="bad" title={error.title}>
      {!isSaid && (
        <span>
          <Prose text={error.detail} />
        </span>
      )}
      {fields.map(({ name, detail }) => (
        <span key={name}>
          <code>{name}</code> {detail}
        </span>
      ))}
      {error.slug !== null && <a href={`/problems/${error.slug}`}>What this means</a>}
      {children}
    </Notice>
  );
}
