import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { ladderOf } from '../../../src/core/explain/ladder/ladder.ts';
import { parseCase, replay } from '../../../src/core/replay/replay.ts';
import { agent, agentAudio, caller } from '../livekitScenario.ts';
import { eventOf } from '../running.ts';
import { B_LEG, FITTING, type Webhook, webhooksOf } from '../scenario.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });
const room = (...more: readonly Webhook[]) => [
  agent(-240, 'participant_joined'),
  agentAudio(-140),
  caller(280, 'participant_joined'),
  ...more,
];
const agentLeft = agent(7_260, 'participant_left', { disconnectReason: 'CLIENT_INITIATED' });
const callerLeft = (at: number) => caller(at, 'participant_left', {}, { disconnectReason: 'CLIENT_INITIATED' });

function ladder(jambonz: readonly Webhook[], livekit: readonly Webhook[] = []) {
  const webhooks = [...jambonz, ...livekit];
  const { records } = replay(parseCase({ id: 'hand-made', livekit: FITTING, webhooks }));
  const events = jambonz.map((webhook) => eventOf(webhook));
  const made = ladderOf(SITE, events, [], records);
  const ended = made.messages.find(({ label, leg }) => label === 'leg ended' && leg === B_LEG);
  return {
    detail: ended?.detail,
    stopped: made.stopped,
    last: made.messages.findLastIndex(({ leg }) => leg === B_LEG),
  };
}

describe('the ladder of an answered call', () => {
  const hungUp = webhooksOf({ ringing: [90], answeredAt: 200, callerHungUpAt: 48_300 });

  it('says who ended it, and after how long', () => {
    const { detail, stopped } = ladder(hungUp);
    assert.equal(detail, 'the caller hung up 48.1 s after the answer');
    assert.equal(stopped, null);
  });

  it('says that LiveKit’s side ended it', () => {
    const { detail } = ladder(webhooksOf({ ringing: [90], answeredAt: 200, farEndHungUpAt: 5_200 }));
    assert.equal(detail, 'the call ended from LiveKit’s side 5.0 s after the answer');
  });

  it('says how long the caller was alone, and that it was dropped at the agent', () => {
    const { detail, stopped, last } = ladder(hungUp, room(agentLeft, callerLeft(48_500)));
    assert.equal(detail, 'the caller hung up 48.1 s after the answer; the caller had been alone for 41 s');
    assert.deepEqual(stopped, {
      at_participant: 'agent',
      after_message: last,
      text: 'Dropped 48 s after the answer: the agent left while the caller was still there.',
    });
  });

  it('says that it was dropped at LiveKit', () => {
    const webhooks = webhooksOf({ ringing: [90], answeredAt: 200, farEndHungUpAt: 30_200 });
    const { stopped } = ladder(webhooks, room(callerLeft(30_400)));
    assert.deepEqual(
      [stopped?.at_participant, stopped?.text],
      ['livekit', 'Dropped 30 s after the answer: LiveKit hung up because no audio came from the caller’s side.'],
    );
  });
});
