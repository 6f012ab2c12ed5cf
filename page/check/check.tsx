import { useEffect, useState } from 'preact/hooks';
import { type Answer, ask } from '../api/client.ts';
import type { Checked } from '../api/types.ts';
import { PageHead } from '../parts/heading.tsx';
import { ProblemNotice } from '../parts/notices.tsx';
import { address, adjust, query, steps } from '../route.ts';
import { CheckAnswer } from './checkAnswer.tsx';
import { CheckForm } from './checkForm.tsx';
import { type Entered, enteredIn, type Fault, fieldOfFault, forAddress, questionFrom } from './checkQuestion.ts';
import { WhatIf } from './whatIf.tsx';

/** Would this call connect? The form's fields stay in the address, so that a check can be linked. */
export function Check() {
  // A navigation begins with what its address holds.
  return <CheckOf key={steps.value} />;
}

function CheckOf() {
  const [entered] = useState(() => enteredIn(query.peek()));
  const [answer, setAnswer] = useState<Answer<{ answers: readonly Checked[] }>>();
  const [fault, setFault] = useState<Fault>();
  const [isAsking, setIsAsking] = useState(false);

  const check = async (asked: Entered) => {
    const question = questionFrom(asked);
    setFault(question.ok ? undefined : question.fault);
    if (!question.ok) return;
    adjust(address({ view: 'check', ...forAddress(asked) }));
    setIsAsking(true);
    const answered = await ask<{ answers: readonly Checked[] }>('check', { method: 'POST', body: question.body });
    setIsAsking(false);
    const isFault = !answered.ok && answered.problem.status === 400;
    setFault(isFault ? { field: fieldOfFault(answered.problem.detail), text: answered.problem.detail } : undefined);
    setAnswer(isFault ? undefined : answered);
  };
  useEffect(() => {
    if (entered.to) void check(entered);
  }, [entered]);

  return (
    <>
      <PageHead
        title="Would this call connect?"
        facts="Runs LiveKit’s matching on its current configuration. No call is placed, nothing is stored."
      />
      <CheckForm entered={entered} fault={fault} isAsking={isAsking} onCheck={check} />
      <div aria-live="polite">
        {answer && !answer.ok && <ProblemNotice problem={answer.problem} what="The check failed" />}
        {answer?.ok && answer.data.answers.map((checked) => <CheckAnswer key={checked.to} checked={checked} />)}
      </div>
      <WhatIf />
    </>
  );
}
