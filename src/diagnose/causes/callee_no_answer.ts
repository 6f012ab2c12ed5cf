import { defineCause } from '../cause.ts';
import { observed, responseEvidence, ringingEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const calleeNoAnswer = defineCause({
  id: 'callee_no_answer',
  title: 'the callee did not answer',
  party: 'nobody',
  stage: 'callee',
  meaning: 'It rang and nobody answered, the callee is away (480), or another leg of the same dial was answered first.',
  fix: 'Nothing: this is a callee’s answer, not a fault.',
  confidence: {
    likely: 'It rang and nobody answered, or a 480, or another leg of the dial was answered first.',
  },
  needs: ['target', 'stage', 'ending', 'progress', 'lostToSibling'],
  match({ target, stage, ending, progress, lostToSibling }) {
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    // A leg that LiveKit refused was lost before the other one was answered.
    if (lostToSibling && ending.kind === 'unanswered' && stage !== 'refused') {
      evidence.push({ name: 'dial', value: 'another leg of the same dial was answered', source: 'jambonz' });
      return observed('likely', evidence);
    }
    if (target.kind !== 'other') return undefined;
    const isAway = isResponse(ending, 480) || (isResponse(ending, 408) && progress.ringings > 0);
    const rangOut = ending.kind === 'unanswered' && ending.endedBy !== 'caller' && progress.ringings > 0;
    return isAway || rangOut ? observed('likely', evidence) : undefined;
  },
});
