import { useEffect, useState } from 'preact/hooks';

/** Copies a text, and says so. `what` tells screen readers which text the button copies. */
export function CopyButton({ text, what, label = 'Copy', isPrimary = false }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 4_000);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <>
      <button
        type="button"
        class={isPrimary ? 'primary' : 'small'}
        aria-label={`${label}: ${what}`}
        onClick={async () => setState((await copy(text)) ? 'copied' : 'failed')}
      >
        {state === 'copied' ? 'Copied ✓' : state === 'failed' ? 'Select and copy manually' : label}
      </button>
      <span class="unseen" role="status">
        {state === 'copied' ? `Copied: ${what}` : state === 'failed' ? 'The browser blocked the copy.' : ''}
      </span>
    </>
  );
}

interface CopyButtonProps {
  readonly text: string;
  readonly what: string;
  readonly label?: string;
  /** Whether copying is the one thing to do there. */
  readonly isPrimary?: boolean;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Over plain HTTP from another machine a browser has no clipboard to offer; the old way works there.
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'unseen';
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}
