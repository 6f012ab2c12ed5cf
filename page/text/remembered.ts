// What the browser remembers of a person's choices. Where its storage is turned off, they last until the page is loaded
// again.

/** A remembered choice; empty if there is none. */
export function recall(key: string): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

/** Remembers a choice; an empty one is forgotten. */
export function remember(key: string, choice: string): void {
  try {
    if (choice === '') localStorage.removeItem(key);
    else localStorage.setItem(key, choice);
  } catch {
    // It lasts until the page is loaded again.
  }
}
