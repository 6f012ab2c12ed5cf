import type { ComponentChildren } from 'preact';

export interface KeyValue {
  readonly name: string;
  readonly value: ComponentChildren;
  /** Colours the value; a mark says the same without colour. */
  readonly verdict?: keyof typeof MARKS | undefined;
}

const MARKS = { pass: ['✓', 'passes:'], fail: ['✕', 'fails:'], unknown: ['?', 'unknown:'] } as const;

/** Names and values, one pair a line. Says in values what a sentence would say longer. */
export function KeyValues({ rows }: { rows: readonly KeyValue[] }) {
  return (
    <dl class="values">
      {rows.map(({ name, value, verdict }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {verdict && (
              <span class={`verdict verdict-${verdict}`}>
                <span aria-hidden="true">{MARKS[verdict][0]}</span>
                <span class="unseen">{MARKS[verdict][1]}</span>{' '}
              </span>
            )}
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
