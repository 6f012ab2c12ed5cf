import type { Attempt } from '../api/types.ts';
import { titleOf } from '../parts/causes.tsx';
import { PageHead } from '../parts/heading.tsx';
import { ConfidenceTag, IdTag } from '../parts/tags.tsx';
import { Time } from '../parts/time.tsx';
import { TrunkWords } from '../parts/trunkWords.tsx';
import { address } from '../route.ts';
import { dialled, ENDED_BY, isNobodys, PARTIES, sentence } from '../text/words.ts';

/** The way back: to the incident of the call, or to all. */
export function Back({ incident }: { incident: Attempt['incident'] }) {
  return (
    <p class="back">
      {incident ? (
        <a href={address({ view: 'incidents', incident: incident.id })}>← All calls of this incident</a>
      ) : (
        <a href={address()}>← Calls</a>
      )}
    </p>
  );
}

/** How an attempt ended and why, whose it is, and which call it was. `isInside`: of one of several, without a title. */
export function AttemptHead({ attempt, place, isInside = false }: AttemptHeadProps) {
  const { cause, party, confidence, incident, outcome } = attempt;
  if (isInside) {
    return (
      <p class="under-head">
        <Facts attempt={attempt} />
        {incident && (
          <>
            {' '}
            · <a href={address({ view: 'incidents', incident: incident.id })}>Incident</a>
          </>
        )}
      </p>
    );
  }
  return (
    <>
      <Back incident={incident} />
      <PageHead
        title={outcome === 'connected' && isNobodys(party) ? 'The call connected' : sentence(titleOf(cause))}
        tags={
          <>
            {cause && <IdTag id={cause} />}
            <ConfidenceTag confidence={confidence} />
            {place && <span class="tag">{place}</span>}
          </>
        }
        facts={<Facts attempt={attempt} />}
      />
    </>
  );
}

interface AttemptHeadProps {
  readonly attempt: Attempt;
  /** Such as `attempt 1 of 2`. */
  readonly place?: string | undefined;
  readonly isInside?: boolean;
}

function Facts({ attempt }: { attempt: Attempt }) {
  const { party, outcome, response, from, to, trunk, match, started_at, call_sid, seen_by_caller, end } = attempt;
  const { user, host } = dialled(to);
  const isBad = outcome === 'failed' || outcome === 'dropped';
  const after = seen_by_caller?.seconds;
  return (
    <>
      {isNobodys(party) ? (
        <strong class="owner">No action needed</strong>
      ) : (
        <>
          Owner <strong class="owner">{(PARTIES[party ?? 'unknown'] ?? PARTIES.unknown).short}</strong>
        </>
      )}{' '}
      ·{' '}
      <strong class={isBad ? 'bad' : outcome === 'connected' ? 'good' : ''}>
        {outcome === 'dropped'
          ? 'dropped'
          : response
            ? `${response.status} ${response.reason}`
            : outcome === 'connected'
              ? 'answered'
              : 'no answer'}
      </strong>
      {!response && outcome === 'failed' && after !== undefined && after !== null && ` after ${after.toFixed(1)} s`}
      {end && end.after_seconds !== null && ` after ${end.after_seconds.toFixed(0)} s, ${ENDED_BY[end.by]}`}
      {end && end.alone_seconds !== null && `, caller alone for ${end.alone_seconds.toFixed(0)} s`} ·{' '}
      <span title={host}>
        {from ?? 'unknown'} → {user}
      </span>
      {trunk && (
        <>
          {' '}
          · <TrunkWords id={trunk} name={match?.trunks.find(({ sip_trunk_id }) => sip_trunk_id === trunk)?.name} />
        </>
      )}{' '}
      · <Time at={started_at} /> · <code>{call_sid}</code>
    </>
  );
}
