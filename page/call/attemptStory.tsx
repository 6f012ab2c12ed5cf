import type { Attempt } from '../api/types.ts';
import { titleOf } from '../parts/causes.tsx';
import { ChangeLine } from '../parts/changeLine.tsx';
import { FixCard, WholeFix } from '../parts/fixCard.tsx';
import { Fold } from '../parts/fold.tsx';
import { KeyValues } from '../parts/keyValues.tsx';
import { IdTag } from '../parts/tags.tsx';
import { WhyCard } from '../parts/whyCard.tsx';
import { whyOf } from '../parts/whyRows.tsx';
import { address } from '../route.ts';
import { counted, sentence } from '../text/words.ts';
import { OtherTrunks } from './otherTrunks.tsx';

/** What to change for one attempt, why it ended as it did, and what changed before. */
export function AttemptAnswer({ attempt }: { attempt: Attempt }) {
  const { cause, blocking, fixes, match, change } = attempt;
  const others = blocking.filter((id) => id !== cause);
  return (
    <>
      <FixCard fixes={fixes.filter((fix) => fix.cause === cause)} />
      {others.length > 0 && (
        <section class="card" aria-labelledby={`also-${attempt.call_sid}`}>
          <h2 id={`also-${attempt.call_sid}`}>{counted(others.length, 'more cause')} to mend: each stops the call</h2>
          {others.map((id) => (
            <CauseFold key={id} id={id} attempt={attempt} />
          ))}
        </section>
      )}
      <WhyCard attempt={attempt} title={attempt.outcome === 'connected' ? 'LiveKit’s matching' : 'Why'}>
        {match && <OtherTrunks match={match} />}
      </WhyCard>
      {change && (
        <section class={`card ${change.broke_the_call ? 'card-bad' : ''}`} aria-label="Change before the call">
          <ChangeLine change={change} />
        </section>
      )}
    </>
  );
}

/** What the caller had, what would stop the call next, and what the audit says about its trunk. */
export function CallerSide({ attempt }: { attempt: Attempt }) {
  const { latent, findings, seen_by_caller } = attempt;
  if (!seen_by_caller && latent.length + findings.length === 0) return null;
  return (
    <section class="card" aria-label="Caller and next blockers">
      {seen_by_caller && (
        <>
          <h2>Caller experience</h2>
          <Fold summary={experienceOf(seen_by_caller)}>
            <p>{seen_by_caller.text}</p>
          </Fold>
        </>
      )}
      {latent.length > 0 && (
        <>
          <h2>Next blockers</h2>
          {latent.map((id) => (
            <CauseFold key={id} id={id} attempt={attempt} />
          ))}
        </>
      )}
      {findings.length > 0 && (
        <p class="quiet">
          In the audit of its trunk:{' '}
          {findings.map((id) => (
            <a key={id} href={address({ view: 'audit' })}>
              <code>{id}</code>
            </a>
          ))}
        </p>
      )}
    </section>
  );
}

const WAITS: Readonly<Record<string, string>> = {
  silence_or_ring_back: 'silence or ring-back',
  ringing: 'ringing',
  waiting: 'waiting, no ringing',
};

function experienceOf({ kind, seconds, text }: NonNullable<Attempt['seen_by_caller']>): string {
  const what = WAITS[kind];
  return what === undefined || seconds === null ? text : `${seconds.toFixed(1)} s of ${what}`;
}

/** A cause beside the first one, with its fix and its evidence. */
function CauseFold({ id, attempt }: { id: string; attempt: Attempt }) {
  const fixes = attempt.fixes.filter((fix) => fix.cause === id);
  const rows = whyOf({ match: null, evidence: attempt.evidence }, [id]).shown;
  return (
    <Fold
      summary={
        <>
          <strong class="cause-title">{sentence(titleOf(id))}</strong> <IdTag id={id} />
        </>
      }
    >
      {fixes.map((fix) => (
        <WholeFix key={fix.action} fix={fix} />
      ))}
      <KeyValues rows={rows} />
    </Fold>
  );
}
