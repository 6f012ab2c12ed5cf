import { useState } from 'preact/hooks';
import { type Answer, ask } from '../api/client.ts';
import type { WhatIfJson } from '../api/types.ts';
import { Fold } from '../parts/fold.tsx';
import { ProblemNotice } from '../parts/notices.tsx';
import { counted, sentence } from '../text/words.ts';

const EXAMPLE =
  '{"changes": [{"kind": "trunk", "sip_trunk_id": "ST_…", "field": "allowed_numbers", "add": ["+15550100"]}]}';

/** What would a changed configuration do to the calls of the last days? Changes nothing. */
export function WhatIf() {
  const [answer, setAnswer] = useState<Answer<WhatIfJson>>();
  const [fault, setFault] = useState<string>();
  const check = async (text: string) => {
    const body = parsed(text);
    setFault(body === undefined ? 'It must be JSON.' : undefined);
    setAnswer(undefined);
    if (body === undefined) return;
    const answered = await ask<WhatIfJson>('check/configuration', { method: 'POST', body });
    const isFault = !answered.ok && answered.problem.status === 400;
    setFault(isFault ? answered.problem.detail : undefined);
    setAnswer(isFault ? undefined : answered);
  };
  return (
    <Fold summary="What would a changed configuration do to recent calls?">
      <form
        class="check-form"
        onSubmit={(event) => {
          event.preventDefault();
          void check(String(new FormData(event.currentTarget).get('changed') ?? ''));
        }}
      >
        <div class="field">
          <label for="changed">inbound_trunks or dispatch_rules as they would be, or changes, as JSON</label>
          <textarea
            id="changed"
            name="changed"
            rows={6}
            required
            spellcheck={false}
            placeholder={EXAMPLE}
            aria-invalid={fault !== undefined}
            aria-describedby={fault === undefined ? undefined : 'fault-of-changed'}
          />
          {fault !== undefined && (
            <span id="fault-of-changed" class="fault bad" role="alert">
              {fault}
            </span>
          )}
        </div>
        <button type="submit">Check all recent calls</button>
      </form>
      <div aria-live="polite">
        {answer && !answer.ok && <ProblemNotice problem={answer.problem} what="The check failed" />}
        {answer?.ok && <WhatIfAnswer answer={answer.data} />}
      </div>
    </Fold>
  );
}

function WhatIfAnswer({ answer }: { answer: WhatIfJson }) {
  const { kinds_seen, is_harmless, hits, opens, recent_failures } = answer;
  const seen = `${counted(kinds_seen, 'kind')} of calls seen in the last 7 days`;
  return (
    <>
      <p>
        <strong>
          {kinds_seen === 0
            ? 'No call has connected in the last 7 days, so there is nothing to match again.'
            : is_harmless
              ? `Nothing changes for the ${seen}.`
              : `Of the ${seen}:`}
        </strong>
      </p>
      <ul>
        {hits.map(({ text, kinds }) => (
          <li key={text}>
            {sentence(text)}{' '}
            {kinds
              .slice(0, 3)
              .map(({ caller, to }) => `${caller ?? 'a caller'} → ${to}`)
              .join('; ')}
          </li>
        ))}
        {opens.map(({ what }) => (
          <li key={what}>It opens: {what}</li>
        ))}
      </ul>
      {recent_failures.calls > 0 && (
        <p>
          Of {counted(recent_failures.calls, 'recent failed call')} that the configuration stops now,{' '}
          {recent_failures.would_connect} would connect.
        </p>
      )}
    </>
  );
}

function parsed(text: string): object | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}
