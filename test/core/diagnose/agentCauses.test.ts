import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExampleCall, ExampleConfiguration } from '../../../src/core/diagnose/causeExample.ts';
import { explainExample } from '../examples.ts';
import { explainOnly, withoutLeg } from '../scenario.ts';

function said(call: ExampleCall, livekit: ExampleConfiguration = {}) {
  const { blocking, confidence, alternatives } = explainExample({
    shows: '',
    call,
    livekit,
    want: { blocking: [], confidence: null },
  });
  return { blocking, confidence, alternatives };
}

/** An agent that joins and publishes nothing, until a time. */
const silentUntil = (end: number) => ({
  callerJoined: 120,
  agentJoined: 740,
  callerLeft: end + 40,
  agentLeft: end + 140,
  finished: end + 20_000,
});

describe('a silent agent', () => {
  // The end is the dial hook's, 10 ms after the caller hung up.
  for (const [callerHungUpAt, isCause] of [
    [10_079, false],
    [10_080, true],
  ] as const) {
    it(`${isCause ? 'stopped' : 'may have stopped'} a caller who heard ${callerHungUpAt + 10 - 90} ms of ringing`, () => {
      const { blocking, alternatives } = said({
        ringing: 'every second',
        callerHungUpAt,
        room: silentUntil(callerHungUpAt),
      });
      assert.equal(blocking.includes('agent_not_publishing'), isCause);
      assert.equal(alternatives.includes('agent_not_publishing'), !isCause);
    });
  }

  const rangOut: ExampleCall = {
    ringing: 'every second',
    response: [486, 'Rejected', 20_090],
    room: silentUntil(20_090),
  };
  it('stopped a call that rang for as long as the trunk allows', () => {
    const { blocking } = said(rangOut, { trunks: [{ ringing_timeout: '20s' }] });
    assert.deepEqual(blocking, ['agent_not_publishing']);
  });
  it('may have stopped a call that rang for another time', () => {
    const { blocking, alternatives } = said(rangOut, { trunks: [{ ringing_timeout: '60s' }] });
    assert.ok(!blocking.includes('agent_not_publishing'));
    assert.ok(alternatives.includes('agent_not_publishing'));
  });
});

describe('a 486 of a room that is still open', () => {
  const rejected = (room: NonNullable<ExampleCall['room']>) =>
    said({ ringing: 'every second', response: [486, 'Rejected', 5_600], room }).blocking;
  const ROOM = { callerJoined: 120, callerLeft: 5_590, finished: 45_000 };
  it('is the agent’s, whether it had published audio or not', () => {
    assert.deepEqual(rejected({ ...ROOM, agentJoined: 740, agentLeft: 25_000 }), ['agent_rejected_call']);
    assert.deepEqual(rejected({ ...ROOM, agentJoined: 740, agentPublished: 900, agentLeft: 25_000 }), [
      'agent_rejected_call',
    ]);
  });
  it('is not the agent’s if none was there', () => {
    assert.ok(!rejected(ROOM).includes('agent_rejected_call'));
  });
});

describe('a room that was deleted', () => {
  it('stopped a call that rang until then', () => {
    const { blocking, confidence } = said({
      ringing: 'every second',
      dialGaveUpAt: 9_000,
      room: { callerJoined: 120, roomDeleted: 8_990 },
    });
    assert.deepEqual([blocking, confidence], [['livekit_room_closed'], 'likely']);
  });
  it('did not stop a call that got another status', () => {
    const { blocking, alternatives } = said({
      ringing: 'every second',
      response: [503, 'Try again later', 9_000],
      room: { callerJoined: 120, roomDeleted: 8_990 },
    });
    assert.ok(![...blocking, ...alternatives].includes('livekit_room_closed'));
  });
});

describe('a 480 that only the dial hook reports', () => {
  it('may mean that the SBC had no media server', () => {
    const { alternatives } = explainOnly(withoutLeg({ response: [480, 'Temporarily Unavailable', 30] }));
    assert.ok(alternatives.includes('jambonz_no_media_server'));
  });
});
