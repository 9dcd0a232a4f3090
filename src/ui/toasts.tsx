import { signal } from '@preact/signals';
import { X } from 'lucide';
import type { JSX } from 'preact';
import { Button } from './button.tsx';
import './toasts.css';

export interface Toast {
  readonly text: string;
  readonly kind?: 'info' | 'bad';
  /** What can still be done about it while it is shown. */
  readonly action?: { readonly label: string; run(): void };
  readonly ms?: number;
  /** Called once when it has gone and the action was not taken. */
  onGone?(): void;
}

interface Shown extends Toast {
  readonly id: number;
}

const shown = signal<readonly Shown[]>([]);
let lastId = 0;

/** Shows a short message for some seconds; gives back how to take it away (without `onGone`). */
export function toast(message: Toast): () => void {
  lastId += 1;
  const id = lastId;
  shown.value = [...shown.value, { ...message, id }];
  const timer = setTimeout(() => gone(id), message.ms ?? 5_000);
  return () => {
    clearTimeout(timer);
    take(id);
  };
}

function take(id: number): Shown | undefined {
  const found = shown.value.find((each) => each.id === id);
  shown.value = shown.value.filter((each) => each.id !== id);
  return found;
}

function gone(id: number): void {
  take(id)?.onGone?.();
}

/** All messages, in the corner of the page. They are read out when they come. */
export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map(({ id, text, kind = 'info', action }) => (
        <div key={id} class={`toast toast-${kind}`}>
          <span>{text}</span>
          {action !== undefined && (
            <Button
              onClick={() => {
                take(id);
                action.run();
              }}
            >
              {action.label}
            </Button>
          )}
          <Button kind="quiet" icon={X} label="Close" onClick={() => gone(id)} />
        </div>
      ))}
    </div>
  );
}
