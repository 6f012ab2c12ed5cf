import { signal } from '@preact/signals';

const KEY = 'sipwhy.token';

/** API_TOKEN, as it was given in this browser session; another object each time it is given. */
export const token = signal<{ readonly text: string } | undefined>(stored());

/** What the service last said of the token: `undefined` where it let us in, or was not asked yet. */
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
