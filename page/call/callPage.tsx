import type { Attempt, Call } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { titleOf } from '../parts/causes.tsx';
import { Fold } from '../parts/fold.tsx';
import { Heading, PageHead } from '../parts/heading.tsx';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { Outer } from '../parts/outer.tsx';
import { TicketText } from '../parts/ticketText.tsx';
import { Time } from '../parts/time.tsx';
import { dialled, sentence } from '../text/words.ts';
import { AttemptHead, Back } from './attemptHead.tsx';
import { AttemptAnswer, CallerSide } from './attemptStory.tsx';
import { OtherTrunks } from './otherTrunks.tsx';
import { Ladder, Webhooks } from './whoSaidWhat.tsx';

/** One call: why it failed, who owns the problem, what to change, and then what shows it. */
export function CallPage({ callSid }: { callSid: string }) {
  const { data: call, problem } = useResource<Call>(`calls/${encodeURIComponent(callSid)}`, true);
  if (call) {
    return (
      <article aria-label="Call">
        <ProblemNotice problem={problem} what="This may be out of date" />
        <Story call={call} asked={callSid} />
      </article>
    );
  }
  const isUnknown = problem?.status === 404;
  return (
    <article aria-label="Call">
      <Back incident={null} />
      <Heading title={isUnknown ? 'Unknown call' : 'Call'} />
      <ProblemNotice problem={problem} what={isUnknown ? `call_sid ${callSid}` : 'The call could not be read'} />
      {!problem && <Loading what="the call" />}
    </article>
  );
}

function Story({ call, asked }: { call: Call; asked: string }) {
  const [first, ...others] = ordered(call.attempts, asked);
  return (
    <>
      {first ? (
        <AttemptHead attempt={first} place={others.length > 0 ? placeOf(first, call) : undefined} />
      ) : (
        <PendingHead call={call} />
      )}
      <div class="columns">
        <div>
          {first && <AttemptAnswer attempt={first} />}
          {!first &&
            call.pending.map(({ call_sid, match }) => match && <OtherTrunks key={call_sid} match={match} isOpen />)}
          {others.map((attempt) => (
            <div key={attempt.call_sid} class="card">
              <Fold summary={nameOf(attempt, call)}>
                <AttemptHead attempt={attempt} isInside />
                <AttemptAnswer attempt={attempt} />
                <CallerSide attempt={attempt} />
              </Fold>
            </div>
          ))}
        </div>
        <div>
          <section class="card" aria-labelledby="said">
            <h2 id="said">Who said what</h2>
            {call.ladder && call.ladder.messages.length > 0 && <Ladder ladder={call.ladder} />}
            <Webhooks timeline={call.timeline} isOpen={!call.ladder} />
          </section>
          {first && <CallerSide attempt={first} />}
          <section class="card links" aria-label="For a ticket">
            {first?.cause && <Outer href={`runbooks/${first.cause}`} name="Runbook" />}
            {first?.trace_url && <Outer href={first.trace_url} name="Jambonz trace" />}
            <TicketText callSid={asked} isWhole />
          </section>
        </div>
      </div>
      {call.left_out.webhooks + call.left_out.attempts > 0 && (
        <p class="notice">
          Too long to show whole: {call.left_out.webhooks} webhooks and {call.left_out.attempts} attempts are left out.
        </p>
      )}
    </>
  );
}

/** A call of which nothing is explained yet. */
function PendingHead({ call }: { call: Call }) {
  const { from, to, started_at, call_sid, settled } = call;
  return (
    <>
      <Back incident={null} />
      <PageHead
        title="The call is not over yet"
        facts={
          <>
            {from ?? 'unknown'} → {dialled(to).user}
            {started_at && (
              <>
                {' '}
                · <Time at={started_at} />
              </>
            )}{' '}
            · <code>{call_sid}</code>
          </>
        }
      />
      {!settled && <p class="state-line">It is explained as soon as it is over.</p>}
    </>
  );
}

function placeOf(attempt: Attempt, { attempts }: Call): string {
  return `attempt ${attempts.indexOf(attempt) + 1} of ${attempts.length}`;
}

/** The attempt's place in the order of the call's attempts, and how it ended. */
function nameOf(attempt: Attempt, call: Call): string {
  const what = attempt.outcome === 'connected' ? 'it connected' : titleOf(attempt.cause);
  return sentence(`${placeOf(attempt, call)}: ${what}`);
}

/** The attempt that was asked for first, then those that failed. */
function ordered(attempts: readonly Attempt[], asked: string): Attempt[] {
  const rank = (attempt: Attempt) =>
    attempt.call_sid === asked ? 0 : attempt.outcome === 'failed' || attempt.outcome === 'dropped' ? 1 : 2;
  return attempts.toSorted((a, b) => rank(a) - rank(b));
}
