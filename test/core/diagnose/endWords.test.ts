import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cause } from '../../../src/core/diagnose/cause.ts';
import { agentLeftCaller } from '../../../src/core/diagnose/causes/after/agent_left_caller.ts';
import { agentNeverSpoke } from '../../../src/core/diagnose/causes/after/agent_never_spoke.ts';
import { mediaTimeout } from '../../../src/core/diagnose/causes/after/media_timeout.ts';
import { endEvidence } from '../../../src/core/diagnose/endEvidence.ts';
import { droppedSummary, endUnknowns } from '../../../src/core/diagnose/endWords.ts';
import type { CallEnd } from '../../../src/core/diagnose/facts/callEnd.ts';
import type { Admitted } from '../../../src/core/diagnose/facts/liveKitReport.ts';
import { toText } from '../../../src/core/explain/explanationText.ts';
import { explainExample } from '../examples.ts';
import { ADMITTED } from './admittedReport.ts';
import { factsOf } from './gatheredFacts.ts';

const FACTS = factsOf({ ringing: [90], answeredAt: 200 });
const END: CallEnd = { by: 'caller', seconds: 48.1, precise: true, leftBefore: false, callerStayed: false };

describe('the summary of a call that was dropped', () => {
  const summary = (end: CallEnd, causes: readonly Cause[], isOnlyPossible = false) =>
    droppedSummary({ ...FACTS, end }, causes, isOnlyPossible);
  it('says after how long, why, how long the caller was alone, and who must act', () => {
    assert.equal(
      summary({ ...END, aloneSeconds: 41.2 }, [agentLeftCaller]),
      'The call to sip:+15550100@lab.sip.livekit.cloud was answered and then dropped after 48 s: the agent left while the caller was still there, and the caller was alone for 41 s. Owner: agent.',
    );
  });
  it('says every cause, and what is only possible not as a fact', () => {
    const { seconds: _, ...end } = END;
    assert.equal(
      summary(end, [mediaTimeout, agentLeftCaller], true),
      'The call to sip:+15550100@lab.sip.livekit.cloud was answered and then dropped: perhaps LiveKit hung up because no audio came from the caller’s side; also the agent left while the caller was still there. Owner: media settings.',
    );
  });
});

describe('the evidence of an end', () => {
  for (const [by, words] of [
    ['caller', 'the caller hung up, 48.1 s after the answer'],
    ['far_end', 'LiveKit’s side ended it: the caller was still there, 48.1 s after the answer'],
    ['jambonz', 'Jambonz or the application ended it, 48.1 s after the answer'],
    ['unknown', 'no webhook says who ended it, 48.1 s after the answer'],
  ] as const) {
    it(`says who ended it: ${by}`, () => {
      assert.deepEqual(endEvidence({ end: { ...END, by }, livekit: { kind: 'unreported' } }), [
        { name: 'end of the call', value: words, source: 'jambonz' },
      ]);
    });
  }
  it('says how well the time is known', () => {
    const { seconds: _, ...without } = END;
    const value = (end: CallEnd) => endEvidence({ end, livekit: { kind: 'unreported' } })[0]?.value;
    assert.equal(value({ ...END, precise: false }), 'the caller hung up, about 48 s after the answer');
    assert.equal(value(without), 'the caller hung up');
  });
  it('says LiveKit’s reasons', () => {
    const gone = (reason: string | undefined) =>
      endEvidence({
        end: { ...END, aloneSeconds: 41.2 },
        livekit: { ...ADMITTED, leftBecause: 'CLIENT_INITIATED', agentGone: { at: 0, reason } },
      })
        .slice(1)
        .map(({ name, value, source }) => `${name}: ${value} [${source}]`);
    const left = 'the caller’s participant left: CLIENT_INITIATED [livekit]';
    assert.deepEqual(gone('CONNECTION_TIMEOUT'), [
      left,
      'agent: left (CONNECTION_TIMEOUT) 41.2 s before the end, and nobody else was in the room [livekit]',
    ]);
    assert.deepEqual(
      gone(undefined)[1],
      'agent: left 41.2 s before the end, and nobody else was in the room [livekit]',
    );
  });
  it('is nothing of a call that has not ended', () => {
    assert.deepEqual(endEvidence({ end: undefined, livekit: ADMITTED }), []);
  });
});

describe('what is unknown of an end', () => {
  const unknowns = (by: CallEnd['by'], livekit: Admitted | { readonly kind: 'unreported' } = ADMITTED) =>
    endUnknowns({ ...FACTS, end: { ...END, by }, livekit }).map((text) => text.split(':')[0]);
  for (const [what, got, wanted] of [
    [
      'the agent, if LiveKit’s webhooks don’t arrive',
      unknowns('caller', { kind: 'unreported' }),
      ['Whether the agent was there until the end'],
    ],
    ['nothing if the caller hung up', unknowns('caller'), []],
    ['nothing if Jambonz ended it', unknowns('jambonz'), []],
    ['who ended it', unknowns('unknown'), ['Who ended the call']],
    [
      'why LiveKit ended it',
      unknowns('far_end'),
      ['Why the call ended', 'Whether the agent tried to transfer the call'],
    ],
    ['nothing if LiveKit says why', unknowns('far_end', { ...ADMITTED, leftBecause: 'ROOM_DELETED' }), []],
    ['nothing while it goes on', endUnknowns({ ...FACTS, end: undefined }), []],
  ] as const) {
    it(what, () => assert.deepEqual(got, wanted));
  }
});

describe('an explanation as text', () => {
  it('says why a call was dropped, whose it is, and what to do', () => {
    const [example] = agentLeftCaller.examples;
    assert.ok(example);
    const text = toText(explainExample(example));
    assert.match(text, /^The call to .* was answered and then dropped after 48 s: the agent left/);
    assert.match(text, /\nCause: agent_left_caller \(certain\), owner: agent, /);
    assert.match(text, /\nWhy it was dropped\n {2}1\. agent_left_caller: the agent left while/);
    assert.match(text, /\n {5}Fix: Make the agent delete the room/);
  });

  it('says of a silent agent how many callers hung up, and that nobody but a listener knows', () => {
    const [example] = agentNeverSpoke.examples;
    assert.ok(example);
    const text = toText(explainExample(example));
    assert.match(
      text,
      /dropped after 5 s: the agent never spoke, and the caller hung up within seconds\. Owner: agent\./,
    );
    assert.match(text, /\nCause: agent_never_spoke \(likely\), owner: agent, /);
    assert.match(text, /latest calls of this dispatch rule: 14 of 20 callers hung up within seconds of the answer/);
    assert.match(text, /calls before them: 0 of 20 callers hung up/);
    assert.match(text, /Whether the agent spoke: sipwhy sees no audio\./);
    assert.doesNotMatch(text, /Whether callers of this dispatch rule usually stay longer/);
  });

  it('says that what is usual is not known, if it is not', () => {
    const example = agentNeverSpoke.examples.find(({ want }) => want.confidence === 'possible');
    assert.ok(example);
    const text = toText(explainExample(example));
    assert.match(text, /: perhaps the agent never spoke/);
    assert.match(text, /Whether callers of this dispatch rule usually stay longer: too few/);
    assert.doesNotMatch(text, /calls before them/);
  });
});
