import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { steps } from '../route.ts';

/** The heading of a view: sets the window title, and takes the focus after navigation. */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const step = steps.value;
  useEffect(() => {
    document.title = `${title} · sipwhy`;
  }, [title]);
  useEffect(() => {
    if (step > 0) heading.current?.focus({ preventScroll: true });
  }, [step]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? title}
    </h1>
  );
}
