import { effect } from '@preact/signals';
import { render } from 'preact';
import { follow } from './api/live.ts';
import { session } from './api/session.ts';
import { readSession } from './api/signIn.ts';
import { App } from './app.tsx';
import { causes, readCauses } from './parts/causes.tsx';
import { followLinks, isSample } from './route.ts';

const place = document.getElementById('page');
if (place) render(<App />, place);
followLinks();
// Nothing happens to sample data.
if (!isSample) follow();
// Once now, and again after each sign-in.
effect(() => {
  session.value;
  readSession();
  if (causes.peek().size === 0) readCauses();
});
