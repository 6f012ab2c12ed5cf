import type { Attempt, Call } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { titleOf } from '../parts/causes.tsx';
import { Heading } from '../parts/heading.tsx';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { Time } from '../parts/time.tsx';
import { dialled, sentence } from '../text/words.ts';
import { AttemptStory } from './attemptStory.tsx';
import { Exports } from './exports.tsx';
import { WhoSaidWhat } from './whoSaidWhat.tsx';

/** One call: why it failed, who must act, what to change, and then everything that speaks for it. */
export function CallStory({ callSid }: { callSid: string }) {
  const { data: call, problem } = useResource<Call>(`calls/${encodeURIComponent(callSid)}`, true);
  const isUnknown = problem?.status === 404;
  return (
    <article class="story">
      <p class="back">
        <a href="./">← Failed calls</a>
      </p>
      <Heading title={call ? headline(call) : isUnknown ? 'This call is not known' : 'One call'} />
      <ProblemNotice problem={problem} what={isUnknown ? `call_sid ${callSid}` : 'The call could not be read'} />
      {call ? <Story call={call} asked={callSid} /> : !problem && <Loading what="the call" />}
    </article>
  );
}

function headline({ attempts, settled }: Call): string {
  const failed = attempts.find(({ outcome }) => outcome === 'failed') ?? attempts[0];
  if (!settled || !failed) return 'The call is not over yet';
  return failed.outcome === 'connected' ? 'The call connected' : sentence(titleOf(failed.cause));
}

function Story({ call, asked }: { call: Call; asked: string }) {
  const attempts = ordered(call.attempts, asked);
  return (
    <>
      <p class="facts">
        <span>
          From <strong class="number-text">{call.from ?? 'not known'}</strong> to{' '}
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
          Its explanation follows as soon as it is over. What has been heard so far is below.
        </p>
      )}
      {attempts.map((attempt, i) => (
        <AttemptStory key={attempt.call_sid} attempt={attempt} place={i + 1} of={attempts.length}>
          {i === 0 && <WhoSaidWhat call={call} />}
        </AttemptStory>
      ))}
      {attempts.length === 0 && <WhoSaidWhat call={call} />}
      <Exports callSid={asked} />
    </>
  );
}

/** The attempt that was asked for first, then those that failed. */
function ordered(attempts: readonly Attempt[], asked: string): Attempt[] {
  const rank = (attempt: Attempt) => (attempt.call_sid === asked ? 0 : attempt.outcome === 'failed' ? 1 : 2);
  return attempts.toSorted((a, b) => rank(a) - rank(b));
}
