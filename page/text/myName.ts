import { signal } from '@preact/signals';
import { recall, remember } from './remembered.ts';

const KEY = 'sipwhy.name';

/** The name under which this person acts. It is asked for once; the browser remembers it. */
export const myName = signal(recall(KEY));

export function rememberMyName(name: string): void {
  myName.value = name;
  remember(KEY, name);
}
