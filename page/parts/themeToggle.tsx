import { useState } from 'preact/hooks';
import { remember } from '../text/remembered.ts';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const KEY = 'sipwhy.theme';

/** Follows the system's theme unless one is chosen. The browser remembers the choice. */
export function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>(chosen());
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
  return (
    <button
      type="button"
      class="plain theme"
      aria-label={`Theme: ${theme}. Change to ${next}.`}
      onClick={() => {
        apply(next);
        setTheme(next);
      }}
    >
      <span aria-hidden="true">{theme === 'auto' ? '◐' : theme === 'light' ? '☀' : '☾'}</span>
    </button>
  );
}

function chosen(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

function apply(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'auto') delete dataset.theme;
  else dataset.theme = theme;
  remember(KEY, theme === 'auto' ? '' : theme);
}
