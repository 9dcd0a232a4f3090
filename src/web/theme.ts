import { signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';

const key = 'coatcheck.theme';
const themes: readonly Theme[] = ['auto', 'light', 'dark'];

export const theme = signal<Theme>(remembered());
apply();

/** The next of: as the system has it, light, dark. */
export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto';
  apply();
  try {
    localStorage.setItem(key, theme.value);
  } catch {
    // A browser that stores nothing shows it until the page is left.
  }
}

function remembered(): Theme {
  try {
    return themes.find((each) => each === localStorage.getItem(key)) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function apply(): void {
  if (theme.value === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}
