import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Fragment } from 'preact/jsx-runtime';
import { useLocation } from 'preact-iso';
import { Dialog } from '../ui/dialog.tsx';
import './keys.css';
import { nextTheme } from './theme.ts';

export const helpOpen = signal(false);

interface Shortcut {
  /** One key, or two that are pressed one after the other. */
  readonly keys: string;
  readonly what: string;
  run(go: (path: string) => void): void;
}

const sequenceMs = 1_000;

/** Keys for everywhere. What belongs to one page is added by `usePageKeys` while that page is shown. */
const everywhere: readonly Shortcut[] = [
  { keys: 'g h', what: 'Hand in', run: (go) => go('/') },
  { keys: 'g j', what: 'Jobs', run: (go) => go('/jobs') },
  { keys: 'g t', what: 'Taps', run: (go) => go('/taps') },
  { keys: 'g o', what: 'Operations', run: (go) => go('/operations') },
  { keys: 't', what: 'Light, dark, or as the system has it', run: nextTheme },
  {
    keys: '?',
    what: 'This list',
    run: () => {
      helpOpen.value = true;
    },
  },
];
const onThisPage = signal<readonly Shortcut[]>([]);

/** Adds shortcuts while a page is shown. `shortcuts` is read when the page appears. */
export function usePageKeys(shortcuts: readonly Shortcut[]): void {
  useEffect(() => {
    onThisPage.value = shortcuts;
    return () => {
      onThisPage.value = [];
    };
  }, []);
}

/** Listens for the shortcuts; keys that are typed into a field are left alone. */
export function useKeys(): void {
  const { route } = useLocation();
  useEffect(() => {
    let before = '';
    let beforeAt = 0;
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]') !== null || (event.key === 'Enter' && isPressed(event.target))) return;
      // When it was pressed, not when a busy page came to it.
      const sequence = event.timeStamp - beforeAt < sequenceMs ? `${before} ${event.key}` : event.key;
      const all = [...onThisPage.value, ...everywhere];
      const found = all.find(({ keys }) => keys === sequence) ?? all.find(({ keys }) => keys === event.key);
      before = event.key;
      beforeAt = event.timeStamp;
      if (found === undefined) return;
      event.preventDefault();
      before = '';
      found.run(route);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [route]);
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !/^(?:radio|checkbox|file|button)$/.test(target.type);
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:SELECT|TEXTAREA)$/.test(target.tagName));
}

/** What Enter presses by itself. */
function isPressed(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a, button, summary, input') !== null;
}

export function KeyHelp(): JSX.Element {
  return (
    <Dialog
      title="Keyboard shortcuts"
      open={helpOpen.value}
      onClose={() => {
        helpOpen.value = false;
      }}
    >
      <dl class="keys">
        {[...onThisPage.value, ...everywhere].map(({ keys, what }) => (
          <Fragment key={keys}>
            <dt>
              {keys.split(' ').map((key, at) => (
                <Fragment key={key}>
                  {at > 0 && ' then '}
                  <kbd>{key}</kbd>
                </Fragment>
              ))}
            </dt>
            <dd>{what}</dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}
