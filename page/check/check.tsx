import { useState } from 'preact/hooks';
import { type Answer, ask } from '../api/client.ts';
import type { Checked } from '../api/types.ts';
import { CopyButton } from '../parts/copyButton.tsx';
import { Heading } from '../parts/heading.tsx';
import { ProblemNotice } from '../parts/notices.tsx';
import { CheckAnswer } from './checkAnswer.tsx';
import { EXAMPLE, questionFrom } from './checkQuestion.ts';

/** Would this call connect? The question is a number, a SIP URI, or the dial verb or createCall body that is sent. */
export function Check() {
  const [answer, setAnswer] = useState<Answer<{ answers: readonly Checked[] }>>();
  const [fault, setFault] = useState('');
  const [isAsking, setIsAsking] = useState(false);
  const submit = async (form: HTMLFormElement) => {
    const question = questionFrom(new FormData(form));
    setFault(question.ok ? '' : question.fault);
    if (!question.ok) return;
    setIsAsking(true);
    setAnswer(await ask('check', { method: 'POST', body: question.body }));
    setIsAsking(false);
  };
  return (
    <>
      <Heading title="Would this call connect?" />
      <p class="lead">
        sipwhy runs LiveKit’s matching without placing a call. It lists every fault at once, and what would make the
        call connect.
      </p>
      <form
        class="check"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        <label>
          Dial verb, SIP URI or called number
          <textarea
            name="what"
            rows={9}
            required
            spellcheck={false}
            placeholder={EXAMPLE}
            aria-describedby="what-hint"
          />
        </label>
        <p id="what-hint" class="quiet">
          Paste the dial verb, or the body of createCall, as JSON, exactly as the application sends it to Jambonz. It is
          not stored.
        </p>
        <div class="filters">
          <label>
            Caller
            <input name="caller" autocomplete="off" placeholder="+4915112345678" />
          </label>
          <label>
            Source address
            <input name="source" autocomplete="off" placeholder="JAMBONZ_SBC_ADDRESSES" />
          </label>
          <label>
            Credentials (without JSON)
            <select name="auth">
              <option value="">unknown</option>
              <option value="none">none sent</option>
              <option value="username">with this username</option>
            </select>
          </label>
          <label>
            Username
            <input name="username" autocomplete="off" />
          </label>
          <label>
            SRTP (without JSON)
            <select name="srtp">
              <option value="">unknown</option>
              <option value="offered">offered</option>
              <option value="none">not offered</option>
            </select>
          </label>
        </div>
        <p>
          <button type="submit" class="primary" disabled={isAsking}>
            Check
          </button>{' '}
          <CopyButton text={EXAMPLE} what="an example dial verb" label="Copy an example" />
        </p>
      </form>
      <div aria-live="polite">
        {fault !== '' && <p class="notice notice-bad">{fault}</p>}
        {answer && !answer.ok && <ProblemNotice problem={answer.problem} what="The check failed" />}
        {answer?.ok && answer.data.answers.map((checked) => <CheckAnswer key={checked.to} checked={checked} />)}
      </div>
    </>
  );
}
