import { effect } from '@preact/signals';
import { render } from 'preact';
import { follow } from './api/live.ts';
import { token } from './api/token.ts';
import { App } from './app.tsx';
import { causes, learnCauses } from './parts/causes.tsx';
import { followLinks } from './route.ts';

const place = document.getElementById('page');
if (place) render(<App />, place);
followLinks();
follow();
// Titles of causes need the token, where there is one.
effect(() => {
  if (token.value !== undefined || causes.peek().size === 0) learnCauses();
});
