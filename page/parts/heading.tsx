import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { steps } from '../route.ts';

/** The heading of a view: sets the window title, and takes the focus after navigation. */
export function Heading({ title, children, class: name }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const step = steps.value;
  useEffect(() => {
    document.title = `${title} · sipwhy`;
  }, [title]);
  useEffect(() => {
    if (step > 0) heading.current?.focus({ preventScroll: true });
  }, [step]);
  return (
    <h1 ref={heading} tabIndex={-1} class={name}>
      {children ?? title}
    </h1>
  );
}

interface HeadingProps {
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly class?: string;
}

/**
 * The head of a view: a dot of its state, the heading, tags beside it, what can be done at the right, and one line of
 * facts under it.
 */
export function PageHead({ title, dot, tags, actions, facts }: PageHeadProps) {
  return (
    <>
      <div class="page-head">
        {dot && <span class={`dot dot-${dot}`} />}
        <Heading title={title} />
        {tags && <span class="tags">{tags}</span>}
        {actions && <div class="actions">{actions}</div>}
      </div>
      {facts && <p class="under-head">{facts}</p>}
    </>
  );
}

interface PageHeadProps {
  readonly title: string;
  readonly dot?: 'open' | 'acknowledged' | 'muted' | 'closed' | undefined;
  readonly tags?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly facts?: ComponentChildren;
}
