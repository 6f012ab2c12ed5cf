import { announcement, link } from './api/live.ts';
import { canSignOut, isSignedOut } from './api/session.ts';
import { signOut } from './api/signIn.ts';
import { Audit } from './audit/audit.tsx';
import { CallStory } from './call/callStory.tsx';
import { Check } from './check/check.tsx';
import { Failures } from './failures/failures.tsx';
import { Incidents } from './failures/incidents.tsx';
import { History } from './history/history.tsx';
import { Heading } from './parts/heading.tsx';
import { ThemeToggle } from './parts/themeToggle.tsx';
import { TokenForm } from './parts/tokenForm.tsx';
import { address, query, type View, view } from './route.ts';
import { Setup } from './setup/setup.tsx';

const PLACES: readonly { readonly name: string; readonly href: string; readonly views: readonly View[] }[] = [
  { name: 'Failures', href: './', views: ['failures', 'incidents', 'call'] },
  { name: 'Trunks', href: address({ view: 'audit' }), views: ['audit'] },
  { name: 'Check', href: address({ view: 'check' }), views: ['check'] },
  { name: 'History', href: address({ view: 'history' }), views: ['history'] },
];

const LINKS = {
  connecting: 'connecting',
  live: 'live',
  polling: 'live, every 5 s',
  away: 'no connection',
};

/** The frame of every view. */
export function App() {
  return (
    <>
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>('#main h1')?.focus()}>
        Skip to content
      </button>
      <header>
        <a class="name" href="./">
          sipwhy
        </a>
        <nav aria-label="Views">
          <ul>
            {PLACES.map(({ name, href, views }) => (
              <li key={name}>
                <a href={href} aria-current={views.includes(view.value) ? 'page' : undefined}>
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="tools">
          <span class={`link link-${link.value}`} title="Whether new calls appear automatically">
            {LINKS[link.value]}
          </span>
          <ThemeToggle />
          {canSignOut.value && !isSignedOut.value && (
            <button type="button" class="plain" onClick={() => void signOut()}>
              Sign out
            </button>
          )}
        </div>
      </header>
      <main id="main">{isSignedOut.value ? <TokenForm /> : <CurrentView />}</main>
      <footer>
        <a href={address({ view: 'setup' })}>How to connect Jambonz and LiveKit</a>
      </footer>
      <div class="unseen" aria-live="polite" id="news">
        {announcement.value}
      </div>
    </>
  );
}

function CurrentView() {
  switch (view.value) {
    case 'failures':
      return <Failures />;
    case 'incidents':
      return <Incidents />;
    case 'call': {
      const callSid = query.value.get('call') ?? '';
      return <CallStory key={callSid} callSid={callSid} />;
    }
    case 'audit':
      return <Audit />;
    case 'check':
      return <Check />;
    case 'history':
      return <History />;
    case 'setup':
      return <Setup />;
    case 'unknown':
      return (
        <>
          <Heading title="Page not found" />
          <p>
            <a href="./">Failed calls</a>
          </p>
        </>
      );
  }
}
