import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** Takes the focus into a form that has opened, and back to where it came from once the form is gone. */
export function useFormFocus(form: RefObject<HTMLFormElement | null>, name?: string): void {
  // Another form in its place opens anew.
  useEffect(() => {
    const before = document.activeElement;
    const shown = form.current;
    shown?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => {
      const { activeElement, body } = document;
      const isLost = activeElement === body || activeElement === null || shown?.contains(activeElement);
      if (before instanceof HTMLElement && isLost) before.focus();
      keepFocus(before);
    };
  }, [name]);
}

/** Focuses an element once the page is drawn; the heading if the element is gone. Nothing if the focus is elsewhere. */
export function keepFocus(wanted: Element | null): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body && document.activeElement !== null) return;
    const heading = document.querySelector('main h1');
    const target = wanted?.isConnected ? wanted : heading;
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  });
}
