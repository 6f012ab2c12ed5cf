import { useState } from 'preact/hooks';
import { ask, type Problem } from '../api/client.ts';
import { changes } from '../api/live.ts';
import type { PredictedIncident, PredictedPage } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Commands } from '../parts/commands.tsx';
import { Fold } from '../parts/fold.tsx';
import { FoldRow, FoldRows } from '../parts/foldRows.tsx';
import { KeyValues } from '../parts/keyValues.tsx';
import { ProblemNotice } from '../parts/notices.tsx';
import { query } from '../route.ts';
import { myName } from '../text/myName.ts';
import { counted, PARTIES, sentence } from '../text/words.ts';

/** How often, in seconds, they are read: no call tells of a change. */
const READ_EVERY_SECONDS = 15;

/** What changes of LiveKit's configuration will do to calls that nobody has made yet. Nothing if there is none. */
export function Predicted() {
  const { data } = useResource<PredictedPage>('incidents/predicted', true, READ_EVERY_SECONDS);
  const predicted = data?.incidents ?? [];
  const asked = query.value.get('predicted');
  if (predicted.length === 0)
    return asked === null || !data ? null : <p class="meaning-line">This predicted incident is closed.</p>;
  return (
    <section class="predicted" aria-label="Predicted incidents">
      <h2>{counted(predicted.length, 'predicted incident')}: no call needs to have failed yet</h2>
      <FoldRows kind="predicted">
        {predicted.map((one) => (
          <PredictedRow key={one.id} predicted={one} isOpen={one.id === asked} />
        ))}
      </FoldRows>
    </section>
  );
}

function PredictedRow({ predicted, isOpen }: { predicted: PredictedIncident; isOpen: boolean }) {
  const { id, title, trunk, trunk_name, kinds_hit, kinds_seen, calls_per_day, traffic_share, effect } = predicted;
  const cells = (
    <>
      <span class="dot dot-open" title="predicted" />
      <strong class="title">{sentence(title)}</strong>
      <span class="where">{trunk === 'none' ? '' : (trunk_name ?? trunk)}</span>
      <span class="evidence-line">
        {effect === 'opened'
          ? predicted.change.changes.join('; ')
          : `${kinds_hit} of ${counted(kinds_seen, 'kind')} of calls, ${Math.round(calls_per_day)} calls a day, ${Math.round(traffic_share * 100)} %`}
      </span>
    </>
  );
  return (
    <FoldRow cells={cells} isOpen={isOpen} id={`predicted-${id}`}>
      <PredictedBody predicted={predicted} />
    </FoldRow>
  );
}

function PredictedBody({ predicted }: { predicted: PredictedIncident }) {
  const { party, change, kinds, kinds_hit, fix, take_back } = predicted;
  return (
    <>
      <KeyValues
        rows={[
          { name: 'Owner', value: PARTIES[party].short },
          { name: 'What changed', value: change.changes.join('; ') || 'unknown' },
          ...(kinds.length > 0 ? [{ name: 'Calls', value: kinds.slice(0, 5).map(kindWords).join('; ') }] : []),
          ...(kinds_hit > 5 ? [{ name: '', value: `and ${kinds_hit - 5} more kinds of calls` }] : []),
        ]}
      />
      {fix && (
        <>
          <h3>{fix.action}</h3>
          <Commands commands={fix.pastes} />
        </>
      )}
      {take_back &&
        take_back.steps.length > 0 &&
        (fix ? (
          <Fold summary="Or take the change back">
            <TakeBack {...take_back} />
          </Fold>
        ) : (
          <>
            <h3>Take the change back</h3>
            <TakeBack {...take_back} />
          </>
        ))}
      <Accept predicted={predicted} />
    </>
  );
}

function TakeBack({ steps, pastes }: NonNullable<PredictedIncident['take_back']>) {
  return (
    <>
      <ul>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ul>
      <Commands commands={pastes} />
    </>
  );
}

/** The change was meant. */
function Accept({ predicted }: { predicted: PredictedIncident }) {
  const [problem, setProblem] = useState<Problem>();
  const accept = async () => {
    const by = myName.value;
    const body = by === '' ? {} : { by };
    const answer = await ask(`incidents/predicted/${encodeURIComponent(predicted.id)}/resolve`, {
      method: 'POST',
      body,
    });
    setProblem(answer.ok ? undefined : answer.problem);
    if (answer.ok) changes.value += 1;
  };
  return (
    <>
      <p>
        <button type="button" onClick={() => void accept()}>
          The change was meant
        </button>
      </p>
      {problem && <ProblemNotice problem={problem} what="It could not be closed" />}
    </>
  );
}

function kindWords({ to, caller, any_caller, calls_per_day }: PredictedIncident['kinds'][number]): string {
  const who = any_caller ? 'any other caller' : (caller ?? 'a caller');
  return `${who} → ${to}, ${calls_per_day} a day`;
}
