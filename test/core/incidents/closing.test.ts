import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bearingOf } from '../../../src/core/incidents/connected.ts';
import type { Incident } from '../../../src/core/incidents/incident.ts';
import { FITTING, WITH_PASSWORD } from '../scenario.ts';
import {
  CONNECTED,
  connect,
  fail,
  incidentOf,
  MINUTE,
  NO_AGENT,
  NO_AUTH,
  NO_DNS,
  NOT_ALLOWED,
  OTHERS_ONLY,
  settled,
  T0,
} from './failedCalls.ts';

describe('the causes used here', () => {
  const expected: [{ cause: string | undefined; party: string | undefined; trunk: string }, string, string][] = [
    [NOT_ALLOWED, 'caller_not_allowed', 'livekit_config'],
    [NO_AGENT, 'agent_not_joined', 'agent'],
    [NO_DNS, 'dns_failure', 'network'],
    [NO_AUTH, 'auth_missing', 'application'],
  ];
  for (const [{ cause, party, trunk: id }, ...rest] of expected) {
    it(rest[0], () => assert.deepEqual([cause, party, id], [...rest, 'ST_1']));
  }
});

describe('a call that connects', () => {
  it('closes an incident of the configuration where it is such a call as failed', () => {
    const folded = connect(incidentOf(settled('a', 0, NOT_ALLOWED)), OTHERS_ONLY, settled('z', 1, CONNECTED));
    assert.equal(folded?.event, 'closed');
    assert.deepEqual(folded?.incident.closed, { at: T0 + MINUTE, because: 'next_call_connected' });
    assert.deepEqual(folded?.incident.afterFix, {
      state: 'next_call_connected',
      at: T0 + MINUTE,
      id: 'z',
      callSid: 'z',
    });
  });
  it('closes it also from another caller, who would have been refused as well', () => {
    const call = settled('z', 1, CONNECTED, { from: '+15550555' });
    assert.equal(connect(incidentOf(settled('a', 0, NOT_ALLOWED)), OTHERS_ONLY, call)?.event, 'closed');
  });
  it('says nothing of it from a caller who was allowed all along, however often', () => {
    const calls = [10, 11, 12, 13].map((at) => settled(`z${at}`, at, CONNECTED, { from: '+15550999' }));
    assert.equal(connect(incidentOf(settled('a', 0, NOT_ALLOWED)), OTHERS_ONLY, ...calls), undefined);
  });
  it('says nothing of it on another trunk, nor from before the last failure', () => {
    const incident = incidentOf(settled('a', 5, NOT_ALLOWED));
    assert.equal(connect(incident, OTHERS_ONLY, settled('z', 6, CONNECTED, { trunk: 'ST_2' })), undefined);
    assert.equal(connect(incident, OTHERS_ONLY, settled('z', 4, CONNECTED)), undefined);
  });
  it('closes an incident of the application at once where the caller is one who failed', () => {
    const incident = incidentOf(settled('a', 0, NO_AUTH));
    assert.equal(
      connect(incident, WITH_PASSWORD, settled('z', 1, CONNECTED))?.incident.closed?.because,
      'next_call_connected',
    );
  });

  const rows: [string, Incident, number[], string | undefined][] = [
    [
      'agents: after three in a row, five minutes after the last failure',
      incidentOf(settled('a', 0, NO_AGENT)),
      [1, 2, 5],
      'calls_connected',
    ],
    ['agents: not after two', incidentOf(settled('a', 0, NO_AGENT)), [6, 7], undefined],
    ['agents: not within five minutes', incidentOf(settled('a', 0, NO_AGENT)), [1, 2, 3, 4, 4.9], undefined],
    [
      'agents: as soon as five minutes are over',
      incidentOf(settled('a', 0, NO_AGENT)),
      [1, 2, 3, 4, 4.9, 5],
      'calls_connected',
    ],
    ['the network', incidentOf(settled('a', 0, NO_DNS)), [5, 6, 7], 'calls_connected'],
  ];
  for (const [what, incident, minutes, because] of rows) {
    it(`closes incidents of ${what}`, () => {
      const calls = minutes.map((minute) => settled(`z${minute}`, minute, CONNECTED, { from: '+15550777' }));
      assert.equal(connect(incident, FITTING, ...calls)?.incident.closed?.because, because);
    });
  }
  it('says something of an incident if it is like one of the calls that failed', () => {
    const failed = incidentOf(settled('a', 0, NO_AUTH, { from: '+15550777' }), settled('b', 0, NO_AUTH));
    const because = (from: string) =>
      connect(failed, WITH_PASSWORD, settled('z', 1, CONNECTED, { from }))?.incident.closed?.because;
    assert.deepEqual([because('+15550777'), because('+15550123')], ['next_call_connected', 'next_call_connected']);
    assert.equal(because('+15550888'), undefined);
  });
  it('says something of failed transfers only if it was transferred', () => {
    const blame = { cause: 'transfer_failed', party: 'jambonz', confidence: 'certain' };
    const incident = incidentOf(settled('a', 0, CONNECTED, blame));
    const calls = (changes: object) => [5, 6, 7].map((minute) => settled(`z${minute}`, minute, CONNECTED, changes));
    assert.equal(connect(incident, FITTING, ...calls({})), undefined);
    assert.equal(
      connect(incident, FITTING, ...calls({ transferred: true }))?.incident.closed?.because,
      'calls_connected',
    );
  });
  it('counts from the last failure on', () => {
    const two = connect(
      incidentOf(settled('a', 0, NO_AGENT)),
      FITTING,
      settled('y', 1, CONNECTED),
      settled('z', 2, CONNECTED),
    );
    assert.ok(two);
    const again = fail(two.incident, settled('b', 3, NO_AGENT)).incident;
    const calls = [8, 9].map((minute) => settled(`z${minute}`, minute, CONNECTED));
    assert.equal(connect(again, FITTING, ...calls)?.incident.closed, undefined);
  });
  it('under no trunk says something only of calls to the same place', () => {
    const incident = incidentOf(settled('a', 0, NO_DNS, { trunk: 'none', to: 'sip:100@pbx.example.com' }));
    const calls = (to: string) => [5, 6, 7].map((at) => settled(`z${at}`, at, CONNECTED, { trunk: 'none', to }));
    assert.equal(connect(incident, FITTING, ...calls('+15550555')), undefined);
    assert.equal(connect(incident, FITTING, ...calls('sip:200@PBX.example.com'))?.event, 'closed');
  });
});

describe('a connected call is one of an incident without a trunk', () => {
  const incident = incidentOf(settled('a', 0, NOT_ALLOWED, { trunk: 'none' }));
  for (const [what, fields, bearing] of [
    ['if caller and called number are the same', {}, 'same'],
    ['if they are in another form', { from: '15550123' }, 'same'],
    ['not with another caller', { from: '+15550124' }, 'none'],
    ['not with an unknown caller', { from: undefined }, 'none'],
    ['not with another called number', { to: 'sip:+15550101@lab.sip.livekit.cloud' }, 'none'],
    ['not with an unknown called number', { to: undefined }, 'none'],
    ['not on a trunk', { from: '+15550124', trunk: 'ST_1' }, 'none'],
  ] as const) {
    it(what, () => {
      const call = settled('b', 5, CONNECTED, { trunk: 'none', ...fields });
      assert.equal(
        bearingOf(incident, call, () => false),
        bearing,
      );
    });
  }
});

describe('a connected call went the way of an incident of the network without a trunk', () => {
  const incident = incidentOf(
    settled('a', 0, NO_DNS, { trunk: 'none', to: 'sip:1@a.example.com' }),
    settled('b', 1, NO_DNS, { trunk: 'none', to: '+15550199', from: '+15550124' }),
  );
  for (const [to, bearing] of [
    ['sip:2@a.example.com', 'alike'],
    ['sip:2@b.example.com', 'none'],
    ['+15550142', 'alike'],
    [undefined, 'none'],
  ] as const) {
    it(`${bearing === 'alike' ? '' : 'not '}if it went to ${to}`, () => {
      const call = settled('c', 5, CONNECTED, { trunk: 'none', to });
      assert.equal(
        bearingOf(incident, call, () => true),
        bearing,
      );
    });
  }
});
