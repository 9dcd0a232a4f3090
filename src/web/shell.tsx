import { Activity, Beer, BookOpen, Inbox, Keyboard, ListChecks, Monitor, Moon, Sun } from 'lucide';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Toasts, toast } from '../ui/toasts.tsx';
import { helpOpen, KeyHelp, useKeys } from './keys.tsx';
import { catchUps, connection } from './live.ts';
import './shell.css';
import { nextTheme, theme } from './theme.ts';

const iconUrl = new URL('./icon.svg', import.meta.url).href;

const places = [
  { path: '/', title: 'Hand in', icon: Inbox },
  { path: '/jobs', title: 'Jobs', icon: ListChecks },
  { path: '/taps', title: 'Taps', icon: Beer },
  { path: '/operations', title: 'Operations', icon: Activity },
] as const;

const themeWords = { auto: 'as the system has it', light: 'light', dark: 'dark' } as const;
const themeIcons = { auto: Monitor, light: Sun, dark: Moon } as const;
const connectionWords = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting', polling: 'Polling' } as const;

/** What stands around every page: the way to the others, and how the page hears of changes. */
export function Shell({ children }: { children: ComponentChildren }): JSX.Element {
  const { path } = useLocation();
  const main = useRef<HTMLElement>(null);
  const pathBefore = useRef(path);
  useKeys();
  useEffect(() => {
    if (pathBefore.current === path) return;
    pathBefore.current = path;
    // Who hears or tabs through the page begins the new one at its top.
    main.current?.focus();
  }, [path]);
  useEffect(() => {
    if (catchUps.value > 0) toast({ text: 'Connected again. Nothing was missed.' });
  }, [catchUps.value]);

  return (
    <div class="shell">
      <a class="shell-skip" href="#main">
        Skip to the content
      </a>
      <header class="shell-bar">
        <a class="shell-brand" href="/">
          <img src={iconUrl} alt="" />
          Coatcheck
        </a>
        <nav class="shell-links" aria-label="Pages">
          {places.map((place) => (
            <a key={place.path} class="shell-link" href={place.path} aria-current={isAt(place.path, path) ? 'page' : undefined}>
              <Icon node={place.icon} />
              {place.title}
            </a>
          ))}
          <a class="shell-link" href="/docs/" target="_self">
            <Icon node={BookOpen} />
            API
          </a>
        </nav>
        <div class="shell-tools">
          <span class={`shell-connection shell-connection-${connection.value}`} role="status">
            {connectionWords[connection.value]}
          </span>
          <Button
            kind="quiet"
            icon={themeIcons[theme.value]}
            label={`Colours: ${themeWords[theme.value]}. Change`}
            onClick={nextTheme}
          />
          <Button
            kind="quiet"
            icon={Keyboard}
            label="Keyboard shortcuts"
            onClick={() => {
              helpOpen.value = true;
            }}
          />
        </div>
      </header>
      <main class="shell-main" id="main" tabIndex={-1} ref={main}>
        {children}
      </main>
      <Toasts />
      <KeyHelp />
    </div>
  );
}

function isAt(place: string, path: string): boolean {
  return place === '/' ? path === '/' : path === place || path.startsWith(`${place}/`);
}
