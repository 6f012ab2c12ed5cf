import { effect } from '@preact/signals';
import { render } from 'preact';
import { token } from './api/apiToken.ts';
import { follow } from './api/live.ts';
import { App } from './app.tsx';
import { causes, readCauses } from './parts/causes.tsx';
import { followLinks } from './route.ts';

const place = document.getElementById('page');
if (place) render(<App />, place);
followLinks();
follow();
// Titles of causes need the token, where there is one.
effect(() => {
  if (token.value !== undefined || causes.peek().size === 0) readCauses();
});
