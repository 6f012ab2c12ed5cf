import type { Cause } from '../api/types.ts';
import { CONFIDENCE_LEVELS } from '../text/words.ts';
import { Prose } from './prose.tsx';

/** The runbook of a cause and its confidence levels, collapsed. */
export function Runbook({ cause: { runbook, confidence } }: { cause: Cause }) {
  const levels = CONFIDENCE_LEVELS.flatMap((level) => {
    const when = confidence[level];
    return when === undefined ? [] : [{ level, when }];
  });
  return (
    <details class="more runbook">
      <summary>Runbook: how to diagnose and fix it</summary>
      <h4>Impact</h4>
      <p>
        <Prose text={runbook.impact} />
      </p>
      <h4>Diagnosis</h4>
      <Steps steps={runbook.diagnosis} />
      <h4>Mitigation</h4>
      <Steps steps={runbook.mitigation} />
      <h4>Confidence</h4>
      <dl class="fields">
        {levels.map(({ level, when }) => (
          <div key={level}>
            <dt>{level}</dt>
            <dd>
              <Prose text={when} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Steps({ steps }: { steps: readonly string[] }) {
  return (
    <ol>
      {steps.map((step) => (
        <li key={step}>
          <Prose text={step} />
        </li>
      ))}
    </ol>
  );
}
