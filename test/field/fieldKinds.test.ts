import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExampleCall, ExampleConfiguration, ExampleSettings } from '../../src/core/diagnose/causeExample.ts';
import { explainExample } from '../core/examples.ts';
import { caller, roomFinished } from '../core/livekitScenario.ts';
import { CALLED, explainOnly, webhooksOf } from '../core/scenario.ts';

// Calls of the kinds that npm run accuracy generates, where the diagnosis was once wrong, and their neighbours.

const NOBODY = { callerJoined: 120, callerLeft: 20_020, finished: 39_840 } as const;
const REFUSING = { trunks: [{ allowed_numbers: ['+15550142'] }] };
const URL_NAME = 'desk-abcd1234.sip.livekit.cloud';
const CLOUD = { livekit_url: 'wss://desk-abcd1234.livekit.cloud' };
const OWN = { livekit_sip_host: 'sip.example.com' };
const to = (host: string) => `sip:${CALLED}@${host}`;
const ROOM_WAS_OPEN = { ringing: 'every second', response: [486, 'Rejected', 20_000] } as const;

const ROWS: readonly (readonly [
  what: string,
  call: ExampleCall,
  livekit: ExampleConfiguration | undefined,
  settings: ExampleSettings,
  blocking: readonly string[],
  confidence: string,
])[] = [
  [
    'carrier: LiveKit’s webhooks name the Call-ID of a leg that rang',
    { to: CALLED, ringing: 'every second', dialGaveUpAt: 20_000, room: NOBODY },
    {},
    {},
    ['agent_not_joined'],
    'certain',
  ],
  [
    'carrier: the same where no trunk lists the number',
    { to: '+15550177', ringing: 'every second', callerHungUpAt: 20_000, room: NOBODY },
    undefined,
    {},
    ['agent_not_joined'],
    'likely',
  ],
  [
    'carrier: the same without LiveKit’s webhooks is a telephone',
    { to: '+15550177', ringing: 'every second', dialGaveUpAt: 20_000 },
    undefined,
    {},
    ['callee_no_answer'],
    'likely',
  ],
  [
    '486: the room stayed open, nobody entered it, and the trunk isn’t known',
    { ...ROOM_WAS_OPEN, room: NOBODY },
    undefined,
    {},
    ['agent_not_joined'],
    'likely',
  ],
  [
    '486: the same where a worker took the job and never joined',
    { ...ROOM_WAS_OPEN, room: { ...NOBODY, jobStarted: 300 } },
    undefined,
    {},
    ['agent_not_joined'],
    'likely',
  ],
  [
    '486: the same where an agent was there, who may have ended the call',
    { ...ROOM_WAS_OPEN, room: { ...NOBODY, agentJoined: 700, agentLeft: 21_000 } },
    undefined,
    {},
    ['agent_rejected_call'],
    'likely',
  ],
  [
    '486: the same where the room was closed before the end of the call',
    { ...ROOM_WAS_OPEN, room: { ...NOBODY, callerLeft: 19_900, finished: 19_950 } },
    undefined,
    {},
    ['livekit_room_closed'],
    'possible',
  ],
  [
    '486: the same where the end of the room isn’t reported',
    { ...ROOM_WAS_OPEN, room: { callerJoined: 120, callerLeft: 20_020 } },
    undefined,
    {},
    ['unclassified'],
    'possible',
  ],
  [
    '486: the same where the trunk is known, and its timeout is another one',
    { ...ROOM_WAS_OPEN, room: NOBODY },
    { trunks: [{ ringing_timeout: '40s' }] },
    {},
    ['unclassified'],
    'possible',
  ],
  [
    'LIVEKIT_URL’s name: LIVEKIT_SIP_HOST has it too',
    { to: to(URL_NAME), response: [404, 'No trunk found', 230] },
    {},
    { ...CLOUD, livekit_sip_host: URL_NAME },
    ['sip_host_wrong'],
    'likely',
  ],
  [
    'LIVEKIT_URL’s name: LIVEKIT_SIP_HOST has its suffix',
    { to: to('abcd1234.eu.sip.livekit.cloud'), response: [404, 'No trunk found', 230] },
    {},
    { ...CLOUD, livekit_sip_host: 'abcd1234.eu.sip.livekit.cloud' },
    ['sip_host_wrong'],
    'likely',
  ],
  [
    'LIVEKIT_SIP_HOST has another name than LIVEKIT_URL, as it must',
    { to: to('vjnxecm0tjk.sip.livekit.cloud'), response: [404, 'No trunk found', 230] },
    {},
    { ...CLOUD, livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
    ['unclassified'],
    'possible',
  ],
  [
    'Cloud without a 180: the caller left after 5 s a call that the configuration refuses',
    { to: to('vjnxecm0tjk.sip.livekit.cloud'), callerHungUpAt: 5_000 },
    REFUSING,
    CLOUD,
    ['caller_not_allowed'],
    'likely',
  ],
  [
    'Cloud without a 180: the caller left sooner',
    { to: to('vjnxecm0tjk.sip.livekit.cloud'), callerHungUpAt: 4_900 },
    REFUSING,
    CLOUD,
    ['caller_abandoned'],
    'likely',
  ],
  [
    'a self-hosted LiveKit without a 180: the caller left after 5 s',
    { to: to('sip.example.com'), callerHungUpAt: 5_000 },
    {},
    OWN,
    ['sip_timeout'],
    'likely',
  ],
  [
    'a self-hosted LiveKit without a 180: the caller left sooner',
    { to: to('sip.example.com'), callerHungUpAt: 4_900 },
    {},
    OWN,
    ['caller_abandoned'],
    'likely',
  ],
];

describe('a call of a kind that people have', () => {
  for (const [what, call, livekit, settings, blocking, confidence] of ROWS) {
    it(what, () => {
      const want = { blocking: [], confidence: null };
      const got = explainExample({ shows: what, call, ...(livekit && { livekit }), settings, want });
      assert.deepEqual([got.blocking, got.confidence], [blocking, confidence]);
    });
  }

  it('is one to a telephone while only the numbers of a LiveKit participant fit: they may have met elsewhere', () => {
    const dial = { to: CALLED, ringing: 'every second', dialGaveUpAt: 20_000 } as const;
    const unnamed = { 'sip.callIDFull': undefined };
    const room = [caller(280, 'participant_joined', unnamed), caller(20_200, 'participant_left', unnamed)];
    assert.equal(explainOnly([...webhooksOf(dial), ...room, roomFinished(40_000)]).cause, 'callee_no_answer');
  });

  it('has no doubt about the carrier where LiveKit names the Call-ID', () => {
    const asked = (room: ExampleCall['room']) => {
      const call: ExampleCall = { to: CALLED, ringing: [90], dialGaveUpAt: 20_000, ...(room && { room }) };
      return explainExample({ shows: '', call, livekit: REFUSING, want: { blocking: [], confidence: null } }).unknowns;
    };
    assert.match(asked(undefined).join('\n'), /Whether the carrier of this number is LiveKit/);
    assert.doesNotMatch(asked(NOBODY).join('\n'), /Whether the carrier of this number is LiveKit/);
  });

  it('is told to correct LIVEKIT_SIP_HOST where that repeats the mistake', () => {
    const actions = (livekit_sip_host: string) =>
      explainExample({
        shows: '',
        call: { to: to(URL_NAME), response: [404, 'No trunk found', 230] },
        livekit: {},
        settings: { ...CLOUD, livekit_sip_host },
        want: { blocking: [], confidence: null },
      }).fixes.map(({ action }) => action);
    assert.deepEqual(actions(URL_NAME), [
      'Dial the SIP host shown in the LiveKit project’s settings.',
      'Correct LIVEKIT_SIP_HOST of sipwhy as well: it names the same host.',
    ]);
    assert.deepEqual(actions(`${URL_NAME}, vjnxecm0tjk.sip.livekit.cloud`), [
      'Dial vjnxecm0tjk.sip.livekit.cloud, the host in LIVEKIT_SIP_HOST.',
      'Correct LIVEKIT_SIP_HOST of sipwhy as well: it names the same host.',
    ]);
    assert.deepEqual(actions('vjnxecm0tjk.sip.livekit.cloud'), [
      'Dial vjnxecm0tjk.sip.livekit.cloud, the host in LIVEKIT_SIP_HOST.',
    ]);
  });
});
