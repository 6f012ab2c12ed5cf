import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cause } from '../../../src/core/diagnose/cause.ts';
import { agentLeftCaller } from '../../../src/core/diagnose/causes/after/agent_left_caller.ts';
import { agentNeverSpoke } from '../../../src/core/diagnose/causes/after/agent_never_spoke.ts';
import { mediaTimeout } from '../../../src/core/diagnose/causes/after/media_timeout.ts';
import { endEvidence } from '../../../src/core/diagnose/endEvidence.ts';
import { byeUnknowns, connectedSummary, droppedSummary, endUnknowns } from '../../../src/core/diagnose/endWords.ts';
import type { CallEnd } from '../../../src/core/diagnose/facts/callEnd.ts';
import type { Facts } from '../../../src/core/diagnose/facts/facts.ts';
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
    ['far_end', 'the leg to LiveKit ended first: the caller was still there, 48.1 s after the answer'],
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

describe('where to look for the audio that LiveKit misses', () => {
  const unknown = (kind: 'cloud' | 'self_hosted') => {
    const deployment = { kind, basis: '', isConfigured: true };
    return endUnknowns({ ...FACTS, deployment, end: { ...END, by: 'far_end' }, livekit: ADMITTED }).join();
  };
  it('is livekit-sip if it is self-hosted', () => {
    assert.match(unknown('self_hosted'), /check the UDP ports between the SBC and livekit-sip, and .* use_external_ip/);
  });
  it('is the SBC’s side of LiveKit Cloud, which has nothing to set', () => {
    assert.match(unknown('cloud'), /check that the firewall and the NAT of the SBC’s media servers let UDP out/);
    assert.doesNotMatch(unknown('cloud'), /use_external_ip/);
  });
});

describe('a caller whom LiveKit moved before the end', () => {
  const asked = (movedSecondsBefore: number | undefined, by: CallEnd['by'] = 'far_end') => {
    const livekit = { ...ADMITTED, leftBecause: 'ROOM_DELETED', movedSecondsBefore };
    return endUnknowns({ ...FACTS, end: { ...END, by }, livekit }).some((text) => /MIGRATION/.test(text));
  };
  for (const [what, got, wanted] of [
    ['is told 10 s before', asked(10), true],
    ['is not told more than 10 s before', asked(10.1), false],
    ['is not told of a later move', asked(-0.1), false],
    ['is not told if the caller hung up', asked(2, 'caller'), false],
    ['is not told without a move', asked(undefined), false],
  ] as const) {
    it(what, () => assert.equal(got, wanted));
  }
});

describe('a BYE of LiveKit’s that was lost', () => {
  const facts = (leftBecause: string, kind: 'cloud' | 'self_hosted' = 'self_hosted') => ({
    ...FACTS,
    deployment: { kind, basis: '', isConfigured: true },
    end: { ...END, aloneSeconds: 30, outlivedSeconds: 30 },
    livekit: { ...ADMITTED, leftBecause },
  });
  const OUTLIVED = 'but the leg went on for 30.0 s: LiveKit’s BYE seems not to have arrived.';
  for (const [reason, words] of [
    ['ROOM_DELETED', `LiveKit ended its side 18.1 s after the answer (the room was deleted), ${OUTLIVED} `],
    ['CLIENT_INITIATED', `LiveKit ended its side 18.1 s after the answer, ${OUTLIVED} `],
    ['CONNECTION_TIMEOUT', ''],
  ] as const) {
    it(`is told apart from the end of the leg: ${reason}`, () => {
      const summary = connectedSummary(facts(reason));
      assert.equal(summary, `The call connected. ${words}The caller hung up 48.1 s after the answer.`);
      assert.equal(byeUnknowns(facts(reason)).length, words === '' ? 0 : 1);
    });
  }
  it('says where to look', () => {
    const [text = ''] = byeUnknowns(facts('ROOM_DELETED'));
    assert.match(text, /30 s before the leg ended\..*SIP trace at the SBC.*livekit-sip’s log.*Contact.*timeLimit/);
    assert.doesNotMatch(byeUnknowns(facts('ROOM_DELETED', 'cloud')).join(), /log/);
  });
  it('is not told after a transfer', () => {
    const transfer = { kind: 'accepted' } as Facts['transfer'];
    assert.deepEqual(byeUnknowns({ ...facts('CLIENT_INITIATED'), transfer }), []);
  });
  it('shows in the evidence', () => {
    const texts = endEvidence(facts('ROOM_DELETED')).map(({ value }) => value);
    assert.equal(texts[1], 'ROOM_DELETED, 30.0 s before the end of Jambonz’s leg');
  });
  it('is no fault of an agent that left afterwards', () => {
    const late = { ...facts('ROOM_DELETED') };
    const livekit = { ...late.livekit, agentGone: { at: 0, reason: 'CLIENT_INITIATED' } };
    assert.equal(endEvidence({ ...late, livekit }).length, 2);
  });
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
