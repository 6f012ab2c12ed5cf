import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { saidByLiveKit } from '../../claims.ts';
import { endEvidence, hangUpEvidence } from '../../endEvidence.ts';

export const agentNeverSpoke = defineCause({
  id: 'agent_never_spoke',
  title: 'the agent never spoke, and the caller hung up within seconds',
  party: 'agent',
  stage: 'after_answer',
  runbook: {
    meaning:
      'The agent was in the room with a published track when the call was answered, and the caller hung up within seconds. So did most callers of this dispatch rule lately, and no webhook gives another reason. sipwhy sees no audio: a published track says that the agent could speak, not that it did. So this is never certain, and never said of a single call.',
    impact: 'Callers hear silence after the answer, say hello, and hang up. Every call looks connected.',
    diagnosis: [
      'Call the number yourself, or listen to a recording. This settles whether the agent speaks, and how long the first word takes.',
      '`sipwhy explain CALL_SID` shows how many of the latest calls were hung up, and how many of the calls before them.',
      'Look in the agent’s log for errors of the speech synthesis (TTS) and of the language model: an expired key, a used-up quota, a timeout. The session goes on without a word.',
      'Look in the agent’s code whether it greets at all, with `session.say` or `session.generate_reply`, whether that comes after the caller joined, and whether the track is muted.',
      'Measure the time to the first audio. A greeting that waits for a language model for 5 s or more is silence to a caller.',
      'An agent that says one sentence, such as the time, and a wrong number in an advertisement look the same from outside, and so does a greeting that makes callers hang up.',
    ],
    mitigation: [
      'Mend or replace the voice: renew the key, raise the quota, or switch to another TTS provider or a recorded greeting.',
      'Greet with a fixed text as the first thing in the session, and wait for a language model only after it.',
      'Roll the agent back if the hang-ups began with its deployment.',
      'Verify with a call that the greeting is heard within 2 s, and that the next callers stay.',
    ],
  },
  fix: 'Call the number. If the agent is silent, mend its speech synthesis (key, quota, latency) or its greeting.',
  confidence: {
    likely:
      'The agent had published audio by the answer and the caller hung up 2 to 10 s after it, as did 70 % of at least 8 calls of the dispatch rule within an hour: three times the share of at least 20 calls before them.',
    possible:
      'The same, but fewer than 20 calls before them are known, so short calls may be usual there. This opens no incident.',
  },
  needs: ['end', 'livekit', 'hangUps'],
  match({ end, livekit, hangUps }) {
    if (!hangUps) return undefined;
    const evidence = [...endEvidence({ end, livekit }), ...hangUpEvidence(hangUps)];
    return saidByLiveKit(hangUps.usual ? 'likely' : 'possible', evidence, [
      plainFix(
        'Call the number. If the agent is silent, look in its log for errors of its speech synthesis (TTS), and in its code for the greeting.',
      ),
    ]);
  },
  examples: [
    {
      shows: 'the fourteenth of twenty callers who hang up on an agent with which callers usually stay',
      earlier: [
        { calls: 26, from: -3_000_000, every: 60_000, callerHungUpAt: 45_200 },
        { calls: 13, from: -1_200_000, every: 60_000, callerHungUpAt: 4_200 },
      ],
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 5_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 5_220, agentLeft: 5_900 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_never_spoke'], confidence: 'likely' },
    },
    {
      shows: 'the thirteenth of twenty callers who hang up, which is less than most',
      earlier: [
        { calls: 27, from: -3_000_000, every: 60_000, callerHungUpAt: 45_200 },
        { calls: 12, from: -1_200_000, every: 60_000, callerHungUpAt: 4_200 },
      ],
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 5_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 5_220, agentLeft: 5_900 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'the eighth caller who hangs up on an agent of which no earlier call is known',
      earlier: [{ calls: 7, from: -600_000, every: 60_000, callerHungUpAt: 4_200 }],
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 5_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 5_220, agentLeft: 5_900 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_never_spoke'], confidence: 'possible' },
    },
    {
      shows: 'a caller who hangs up where callers never stay for long',
      earlier: [{ calls: 40, from: -3_000_000, every: 60_000, callerHungUpAt: 4_200 }],
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 5_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 5_220, agentLeft: 5_900 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a single caller who hangs up within seconds',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 5_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 5_220, agentLeft: 5_900 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'an agent that left 5 s before its caller hung up, amid callers who hang up within seconds',
      earlier: [{ calls: 12, from: -1_200_000, every: 60_000, callerHungUpAt: 4_200 }],
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 9_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, agentLeft: 4_000, callerLeft: 9_220 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_left_caller'], confidence: 'certain' },
    },
  ],
});
