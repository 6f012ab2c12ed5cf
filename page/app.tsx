import { useRef } from 'preact/hooks';
import { announcement, link } from './api/live.ts';
import { canSignOut, isSignedOut } from './api/session.ts';
import { signOut } from './api/signIn.ts';
import { Audit } from './audit/audit.tsx';
import { CallPage } from './call/callPage.tsx';
import { Check } from './check/check.tsx';
import { History } from './history/history.tsx';
import { Home } from './home/home.tsx';
import { IncidentPage } from './incident/incidentPage.tsx';
import { Heading } from './parts/heading.tsx';
import { Keys } from './parts/keys.tsx';
import { Search } from './parts/search.tsx';
import { ThemeToggle } from './parts/themeToggle.tsx';
import { TokenForm } from './parts/tokenForm.tsx';
import { ZoneToggle } from './parts/zoneToggle.tsx';
import { address, isSample, query, type View, view } from './route.ts';
import { Setup } from './setup/setup.tsx';

const PLACES: readonly { readonly name: string; readonly href: string; readonly views: readonly View[] }[] = [
  { name: 'Calls', href: address(), views: ['home', 'incident', 'call'] },
  { name: 'Trunks', href: address({ view: 'audit' }), views: ['audit'] },
  { name: 'Check', href: address({ view: 'check' }), views: ['check'] },
  { name: 'History', href: address({ view: 'history' }), views: ['history'] },
  { name: 'Setup', href: address({ view: 'setup' }), views: ['setup'] },
];

const LINKS = {
  connecting: 'connecting',
  live: 'live',
  polling: 'live, every 5 s',
  away: 'no connection',
};

/** The frame of every view. */
export function App() {
  const search = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>('#main h1')?.focus()}>
        Skip to content
      </button>
      <header>
        <a class="name" href={address()}>
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
        {!isSignedOut.value && <Search field={search} />}
        <div class="tools">
          {!isSample && <Link />}
          <ZoneToggle />
          <ThemeToggle />
          <Keys search={search} />
          {canSignOut.value && !isSignedOut.value && (
            <button type="button" class="plain" onClick={() => void signOut()}>
              Sign out
            </button>
          )}
        </div>
      </header>
      {isSample && (
        <p class="sample" role="status">
          Sample data: recorded calls, not yours. <a href="./">Leave sample data</a>
        </p>
      )}
      <main id="main">{isSignedOut.value ? <TokenForm /> : <CurrentView />}</main>
      <div class="unseen" aria-live="polite" id="news">
        {announcement.value}
      </div>
    </>
  );
}

/** Whether new calls appear by themselves. */
function Link() {
  return (
    <p class={`link link-${link.value}`} title="Whether new calls appear automatically">
      <span class={`dot dot-${link.value}`} /> <span class="words">{LINKS[link.value]}</span>
    </p>
  );
}

function CurrentView() {
  switch (view.value) {
    case 'home':
      return <Home />;
    case 'incident': {
      const id = query.value.get('incident') ?? '';
      return <IncidentPage key={id} id={id} />;
    }
    case 'call': {
      const callSid = query.value.get('call') ?? '';
      return <CallPage key={callSid} callSid={callSid} />;
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
            <a href={address()}>Calls</a>
          </p>
        </>
      );
  }
}
