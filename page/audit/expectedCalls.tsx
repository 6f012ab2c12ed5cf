import type { ExpectedCallsJson } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Fold } from '../parts/fold.tsx';
import { FoldRow, FoldRows } from '../parts/foldRows.tsx';
import { type KeyValue, KeyValues } from '../parts/keyValues.tsx';
import { counted } from '../text/words.ts';

type ExpectedCall = ExpectedCallsJson['calls'][number];

/** Of a file with thousands of calls, the page shows the first. */
const ROWS_SHOWN = 100;

/** The calls of EXPECTED_CALLS_FILE: those that fail, each a row; those that pass are folded. Nothing without the file. */
export function ExpectedCalls() {
  const { data } = useResource<ExpectedCallsJson>('expected-calls');
  if (!data || data.calls.length === 0) return null;
  const failing = data.calls.filter(({ ok }) => !ok);
  const passing = data.calls.filter(({ ok }) => ok);
  return (
    <section aria-label="Expected calls">
      {failing.length > 0 && (
        <>
          <h2>
            {failing.length} of {counted(data.calls.length, 'expected call')} would not do what the file expects
          </h2>
          <FoldRows kind="expected">
            {failing.slice(0, ROWS_SHOWN).map((call) => (
              <FailingRow key={keyOf(call)} call={call} />
            ))}
          </FoldRows>
          <More count={failing.length} />
        </>
      )}
      {passing.length > 0 && (
        <Fold summary={`${counted(passing.length, 'expected call')} would do what the file expects`}>
          <KeyValues rows={passingRows(passing.slice(0, ROWS_SHOWN))} />
          <More count={passing.length} />
        </Fold>
      )}
    </section>
  );
}

/** One for each entry of the file, with all of its callers. */
function passingRows(calls: readonly ExpectedCall[]): KeyValue[] {
  return [...Map.groupBy(calls, ({ name }) => name)].map(([name, ofName]) => ({
    name,
    value: ofName.map(wayOf).join(', '),
    verdict: 'pass',
  }));
}

function FailingRow({ call }: { call: ExpectedCall }) {
  const { name, expected, got, why } = call;
  const cells = (
    <>
      <span class="dot dot-open" title="fails" />
      <strong class="title">
        <span class="unseen">fails:</span> {name}
      </strong>
      <span class="where">{wayOf(call)}</span>
      <span class="evidence-line">{got.join(', ')}</span>
    </>
  );
  return (
    <FoldRow cells={cells}>
      <KeyValues
        rows={[
          { name: 'Expected', value: expected.join(', ') },
          { name: 'Would get', value: got.join(', '), verdict: 'fail' },
          { name: 'Why', value: why },
        ]}
      />
    </FoldRow>
  );
}

function More({ count }: { count: number }) {
  return count > ROWS_SHOWN ? <p class="meaning-line">and {count - ROWS_SHOWN} more: run sipwhy test</p> : null;
}

function wayOf({ from, to }: ExpectedCall): string {
  return `${from ?? 'any caller'} → ${to}`;
}

function keyOf({ name, from }: ExpectedCall): string {
  return `${name}\n${from}`;
}
