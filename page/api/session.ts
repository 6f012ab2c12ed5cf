import { signal } from '@preact/signals';

/** A new object each time that somebody signs in, so that what is shown is requested again. */
export const session = signal<object>({});

/** Whether the service refused the last request because nobody is signed in. */
export const isSignedOut = signal(false);

/** Whether this browser has a session that can be ended. */
export const canSignOut = signal(false);
