import type { ComponentChildren } from 'preact';
import type { Attempt, MatchTrace } from '../api/types.ts';
import { CauseFolds, CauseSections, causes, titleOf } from '../parts/causes.tsx';
import { ConfidenceChip, IdChip, PartyChip } from '../parts/chips.tsx';
import { Match } from '../parts/matchTrace.tsx';
import { Prose } from '../parts/prose.tsx';
import { address } from '../route.ts';
import { CONFIDENCES, DEPLOYMENTS, OUTCOMES, PARTIES, sentence } from '../text/words.ts';

/** Why one attempt ended as it did. */
export function AttemptStory(props: { attempt: Attempt; title: string | undefined; children?: ComponentChildren }) {
  const { attempt, title, children } = props;
  const { blocking, latent, change, match } = attempt;
  return (
    <section class="attempt" aria-label={title ?? 'The attempt'}>
      <Verdict attempt={attempt} title={title} />
      {change && (
        <p class={change.broke_the_call ? 'notice notice-bad' : 'notice'}>
          <strong>Change before the call:</strong> {change.text}{' '}
          <a href={address({ view: 'history' })}>Configuration history</a>
        </p>
      )}
      {blocking.length > 0 && (
        <section aria-label="Why it failed, and what to change">
          <h2>
            {blocking.length === 1
              ? 'What to change'
              : `What to change: ${blocking.length} causes, each of which stops the call`}
          </h2>
          <CauseSections ids={blocking} shown={attempt} isNumbered={blocking.length > 1} />
        </section>
      )}
      {children}
      {match && <MatchSection match={match} />}
      {latent.length > 0 && (
        <section aria-label="Next blockers">
          <h2>Next blockers</h2>
          <CauseFolds ids={latent} shown={attempt} />
        </section>
      )}
      <OpenQuestions attempt={attempt} />
    </section>
  );
}

/** LiveKit's matching of an attempt. */
export function MatchSection({ match }: { match: MatchTrace }) {
  return (
    <section aria-label="LiveKit’s matching">
      <h2>LiveKit’s matching, field by field</h2>
      <p class="quiet">
        sipwhy ran LiveKit’s own matching on this call, with the configuration at the time of the call.
      </p>
      <Match match={match} />
    </section>
  );
}

/** What the explanation leaves open. */
function OpenQuestions({ attempt: { alternatives, unknowns, findings } }: { attempt: Attempt }) {
  if (alternatives.length + unknowns.length + findings.length === 0) return null;
  return (
    <section class="open-questions" aria-label="Open questions">
      {alternatives.length > 0 && (
        <>
          <h2>Not ruled out</h2>
          <ul>
            {alternatives.map((id) => (
              <li key={id}>
                {sentence(titleOf(id))} <IdChip id={id} />
              </li>
            ))}
          </ul>
        </>
      )}
      {unknowns.length > 0 && (
        <>
          <h2>Unknown</h2>
          <ul>
            {unknowns.map((unknown) => (
              <li key={unknown}>{unknown}</li>
            ))}
          </ul>
        </>
      )}
      {findings.length > 0 && (
        <>
          <h2>Findings</h2>
          <ul>
            {findings.map((id) => (
              <li key={id}>
                <a href={address({ view: 'audit' })}>
                  <code>{id}</code>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** The confidence, and whether the dialled LiveKit is Cloud or self-hosted: both limit what the evidence can show. */
function Basis({ attempt: { cause, confidence, deployment } }: { attempt: Attempt }) {
  const when = confidence && (causes.value.get(cause ?? '')?.confidence[confidence] ?? CONFIDENCES[confidence]);
  return (
    <>
      {when && (
        <p class="summary">
          <strong>{sentence(confidence)}:</strong> <Prose text={when} />
        </p>
      )}
      {deployment && (
        <p class="summary">
          {DEPLOYMENTS[deployment.kind] ?? deployment.kind}: {deployment.basis}.
        </p>
      )}
    </>
  );
}

function Verdict({ attempt, title }: { attempt: Attempt; title: string | undefined }) {
  const { cause, party, confidence, outcome, summary, response, trunk, seen_by_caller } = attempt;
  const owner = party && PARTIES[party]?.owner;
  return (
    <div class={`verdict-card outcome-${outcome}`}>
      {title && <h2>{title}</h2>}
      {outcome === 'connected' ? (
        <p class="owner">No action needed</p>
      ) : (
        <p class="owner">{owner ?? PARTIES.unknown.owner}</p>
      )}
      <p class="chips">
        {party && <PartyChip party={party} />} {cause && <IdChip id={cause} />}{' '}
        <ConfidenceChip confidence={confidence} />{' '}
        {outcome !== 'failed' && <span class="chip">{OUTCOMES[outcome] ?? outcome}</span>}{' '}
        {response && (
          <span class="chip">
            {response.status} {response.reason}
          </span>
        )}{' '}
        {trunk && trunk !== 'none' && trunk !== 'unknown' && <code class="chip id">{trunk}</code>}
      </p>
      {seen_by_caller && (
        <p class="caller-experience">
          <strong>Caller experience:</strong> {seen_by_caller.text}
        </p>
      )}
      <p class="summary">{summary}</p>
      <Basis attempt={attempt} />
    </div>
  );
}
