import { computed, signal } from '@preact/signals';

/** The query parameters of the page's address. */
export const query = signal(new URLSearchParams(location.search));

/**
 * Grows with every navigation to another view or page, but not with a change of filters. The focus then moves to the
 * heading.
 */
export const steps = signal(0);

export type View = 'home' | 'incident' | 'call' | 'audit' | 'check' | 'history' | 'setup' | 'unknown';

export const view = computed((): View => {
  if (query.value.get('call')) return 'call';
  switch (query.value.get('view')) {
    case null:
      return 'home';
    case 'incidents':
      return query.value.has('incident') ? 'incident' : 'home';
    case 'audit':
      return 'audit';
    case 'check':
      return 'check';
    case 'history':
      return 'history';
    case 'setup':
      return 'setup';
    default:
      return 'unknown';
  }
});

/** Whether the page shows sample data. It is another document than the one with real data, never the same one. */
export const isSample = query.peek().get('sample') === '1';

/** An address of this page, without empty parameters. It is relative, so that the page works under any path. */
export function address(params: Readonly<Record<string, string | number | null | undefined>> = {}): string {
  const search = new URLSearchParams(isSample ? { sample: '1' } : {});
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  return search.size === 0 ? './' : `?${search}`;
}

/** Goes to another view. */
export function go(to: string): void {
  history.pushState(undefined, '', to);
  arrive();
  scrollTo(0, 0);
}

/** Changes the address of the view that is shown, as by a filter. */
export function adjust(to: string): void {
  history.replaceState(undefined, '', to);
  query.value = new URLSearchParams(location.search);
}

/** Follows links within the page without reloading it. */
export function followLinks(): void {
  addEventListener('popstate', arrive);
  document.addEventListener('click', (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const href = link?.getAttribute('href');
    if (!link || link.hasAttribute('download') || link.target || !(href === './' || href?.startsWith('?'))) return;
    if (new URL(href, location.href).searchParams.has('sample') !== isSample) return;
    event.preventDefault();
    go(href);
  });
}

function arrive(): void {
  query.value = new URLSearchParams(location.search);
  steps.value += 1;
}
