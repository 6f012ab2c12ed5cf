import { useId, useState } from 'preact/hooks';
import { CopyButton } from './copyButton.tsx';

export interface Command {
  /** Short, for a tab: `lk`, `curl`, `Terraform`. */
  readonly label: string;
  readonly text: string;
}

/** A command to run, in several forms if there are several (tabs), with a button that copies the one shown. */
export function Commands({ commands, what = 'command' }: { commands: readonly Command[]; what?: string }) {
  const [chosen, setChosen] = useState(0);
  const id = useId();
  const shown = commands[chosen] ?? commands[0];
  if (!shown) return null;
  const index = commands.indexOf(shown);
  const panel = commands.length > 1 ? { role: 'tabpanel' as const, 'aria-label': shown.label } : {};
  const choose = (next: number, list: HTMLElement | null) => {
    const to = (next + commands.length) % commands.length;
    setChosen(to);
    list?.querySelectorAll<HTMLElement>('[role=tab]')[to]?.focus();
  };
  return (
    <div class="command">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre id={id} tabIndex={0} {...panel}>
        <code>{shown.text}</code>
      </pre>
      <div class="actions">
        <CopyButton text={shown.text} what={`${what}, ${shown.label}`} label="Copy" isPrimary />
        {commands.length > 1 && (
          <div class="tabs" role="tablist" aria-label={what}>
            {commands.map(({ label }, i) => (
              <button
                key={label}
                type="button"
                role="tab"
                aria-selected={i === index}
                aria-controls={id}
                tabIndex={i === index ? 0 : -1}
                onClick={() => setChosen(i)}
                onKeyDown={(event) => {
                  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
                  if (by !== undefined) choose(index + by, event.currentTarget.parentElement);
                }}
              >
                {label}
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
