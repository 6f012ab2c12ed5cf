import { signal } from '@preact/signals';

const KEY = 'sipwhy.token';

/** API_TOKEN as entered in this browser session; a new object each time it is entered. */
export const token = signal<{ readonly text: string } | undefined>(stored());

/** The service's last answer about the token: `undefined` if it accepted the token, or was not asked yet. */
export const refused = signal<'missing' | 'wrong' | undefined>(undefined);

export function keepToken(given: string): void {
  try {
    sessionStorage.setItem(KEY, given);
  } catch {
    // Storage is turned off in this browser: the token lasts until the page is loaded again.
  }
  token.value = { text: given };
  refused.value = undefined;
}

function stored(): { readonly text: string } | undefined {
  try {
    const text = sessionStorage.getItem(KEY);
    return text === null ? undefined : { text };
  } catch {
    return undefined;
  }
}
