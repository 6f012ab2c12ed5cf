import type { Attempt, Call } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { titleOf } from '../parts/causes.tsx';
import { Heading } from '../parts/heading.tsx';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { Time } from '../parts/time.tsx';
import { dialled, sentence } from '../text/words.ts';
import { AttemptStory, MatchSection } from './attemptStory.tsx';
import { Exports } from './exports.tsx';
import { WhoSaidWhat } from './whoSaidWhat.tsx';

/** One call: why it failed, who owns the problem, what to change, and then all the evidence. */
export function CallStory({ callSid }: { callSid: string }) {
  const { data: call, problem } = useResource<Call>(`calls/${encodeURIComponent(callSid)}`, true);
  const isUnknown = problem?.status === 404;
  return (
    <article class="story">
      <p class="back">
        <a href="./">← Failed calls</a>
      </p>
      <Heading title={call ? headline(call, callSid) : isUnknown ? 'Unknown call' : 'Call'} />
      <ProblemNotice problem={problem} what={isUnknown ? `call_sid ${callSid}` : 'The call could not be read'} />
      {call ? <Story call={call} asked={callSid} /> : !problem && <Loading what="the call" />}
    </article>
  );
}

function headline(call: Call, asked: string): string {
  const [shown] = ordered(call.attempts, asked);
  if (!shown) return 'The call is not over yet';
  return shown.outcome === 'connected' ? 'The call connected' : sentence(titleOf(shown.cause));
}

function Story({ call, asked }: { call: Call; asked: string }) {
  const [first, ...others] = ordered(call.attempts, asked);
  return (
    <>
      <p class="facts">
        <span>
          From <strong class="number-text">{call.from ?? 'unknown'}</strong> to{' '}
          <strong class="number-text">{dialled(call.to).user}</strong>
        </span>
        {call.started_at && (
          <span>
            <Time at={call.started_at} />
          </span>
        )}
        <span>
          call_sid <code class="sid">{call.call_sid}</code>
        </span>
      </p>
      {!call.settled && (
        <p class="notice" role="status">
          The explanation appears as soon as the call is over. Everything reported so far is below.
        </p>
      )}
      {first && (
        <AttemptStory attempt={first} title={others.length > 0 ? nameOf(first, call) : undefined}>
          <WhoSaidWhat call={call} />
        </AttemptStory>
      )}
      {others.map((attempt) => (
        <details key={attempt.call_sid} class="other-attempt">
          <summary>
            <h2>{nameOf(attempt, call)}</h2>
          </summary>
          <AttemptStory attempt={attempt} title={undefined} />
        </details>
      ))}
      {!first && <WhoSaidWhat call={call} />}
      {call.pending.map(({ call_sid, match }) => match && <MatchSection key={call_sid} match={match} />)}
      {call.left_out.webhooks + call.left_out.attempts > 0 && (
        <p class="notice">
          The call is too long to show all of it: {call.left_out.webhooks} webhooks and {call.left_out.attempts}{' '}
          attempts are left out.
        </p>
      )}
      <Exports callSid={asked} />
    </>
  );
}

/** The attempt's place in the order of the call's attempts, and how it ended. */
function nameOf(attempt: Attempt, { attempts }: Call): string {
  const what = attempt.outcome === 'connected' ? 'it connected' : titleOf(attempt.cause);
  return `Attempt ${attempts.indexOf(attempt) + 1} of ${attempts.length}: ${what}`;
}

/** The attempt that was asked for first, then those that failed. */
function ordered(attempts: readonly Attempt[], asked: string): Attempt[] {
  const rank = (attempt: Attempt) => (attempt.call_sid === asked ? 0 : attempt.outcome === 'failed' ? 1 : 2);
  return attempts.toSorted((a, b) => rank(a) - rank(b));
}
