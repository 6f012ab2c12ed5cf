import { type Fix, pasteOf, plainFix, pretty } from '../../../fixes/fix.ts';
import { defineCause, type Evidence } from '../../cause.ts';
import { saidByLiveKit } from '../../claims.ts';
import { endEvidence } from '../../endEvidence.ts';
import type { Facts } from '../../facts/facts.ts';
import { failureWords, refusedBy, type TransferResult } from '../../facts/transferResult.ts';

type Failed = Extract<TransferResult, { kind: 'failed' }>;

/** How often a call was tried is counted; the last failure decides. */
function transferEvidence({ failure, tries, seconds }: Failed): Evidence[] {
  const answered = { refer: ' to LiveKit’s REFER', target: ' from the target', unknown: '' };
  const how = failure.status === undefined ? '' : answered[failure.answers ?? 'unknown'];
  const when = seconds === undefined ? '' : `, ${seconds.toFixed(1)} s after the answer`;
  const count = tries === 1 ? '' : `; ${tries} transfers failed`;
  const evidence: Evidence[] = [
    { name: 'transfer', value: `${failureWords(failure)}${how}${when}${count}`, source: 'agent' },
  ];
  if (failure.status !== undefined && failure.code !== undefined) {
    evidence.push({ name: 'error of TransferSIPParticipant', value: failure.code, source: 'agent' });
  }
  return evidence;
}

function fixesFor({ failure }: Failed, target: Facts['target']): Fix[] {
  const words = failureWords(failure);
  switch (refusedBy(failure)) {
    case 'jambonz':
      return failure.status === 501
        ? referHookFix(target)
        : [plainFix(`Let the referHook of the dial verb accept the transfer: Jambonz passed on its answer, ${words}.`)];
    case 'nobody':
      return [plainFix(`Let the agent tell the caller, and offer another target: the answer was ${words}.`)];
    case 'carrier':
      return [
        plainFix(`Ask the carrier of the target why it answered ${words}, and check the number of the transfer.`),
      ];
    default:
      return [
        plainFix(
          'Look in the agent’s log for the error of TransferSIPParticipant, and report its code, message and metadata.',
        ),
      ];
  }
}

function referHookFix(target: Facts['target']): Fix[] {
  const sipUri = target.kind === 'livekit' || target.kind === 'other' ? target.to : '<the SIP URI dialled>';
  const verb = {
    verb: 'dial',
    referHook: '<URL of your application>',
    target: [{ type: 'sip', sipUri }],
  };
  const answer = [
    { verb: 'dial', target: [{ type: 'phone', number: '<refer_details.refer_to_user of the request>' }] },
  ];
  return [
    {
      action:
        'Give the dial verb a referHook that answers with the verbs for the caller. If it has one, check that Jambonz can reach it.',
      pastes: [
        pasteOf({ label: 'Dial verb', format: 'json', text: pretty(verb) }),
        pasteOf({ label: 'Answer of the referHook', format: 'json', text: pretty(answer) }),
      ],
    },
    plainFix('Or transfer without LiveKit: give the caller’s leg new verbs by Jambonz’s REST API.'),
  ];
}

export const transferFailed = defineCause({
  id: 'transfer_failed',
  title: 'the agent’s transfer of the caller failed',
  party: 'jambonz',
  otherParties: ['carrier', 'nobody', 'unknown'],
  stage: 'after_answer',
  callGoesOn: true,
  runbook: {
    meaning:
      'The agent asked LiveKit to transfer the caller (TransferSIPParticipant), and LiveKit’s REFER, or the call to the target, was refused. The call goes on between the caller and the agent.',
    impact: 'The caller is not connected to the person whom the agent promised, and stays with the agent.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the SIP status, what it answers, and how long after the answer the transfer failed.',
      '501 in answer to the REFER: the dial verb has no referHook, or Jambonz could not reach it. Then every transfer fails.',
      'Another status in answer to the REFER is what the referHook answered.',
      '480, 486, 487, 600 and 603 are the person called: busy, declined or not available. That is nobody’s fault.',
      'A status of the call to the target that says more than that is the carrier’s.',
      'No SIP status: the API itself refused, or nobody answered. The error’s code and the agent’s log say more.',
    ],
    mitigation: [
      'Give every dial verb whose agent transfers calls a referHook: Jambonz answers every REFER with 501 without one.',
      'Let the agent catch the error, tell the caller, and offer another target.',
      'Verify with a call that the agent transfers: sipwhy then shows it as transferred.',
    ],
  },
  fix: 'Give the dial verb a referHook, and let the agent tell the caller when a transfer fails.',
  confidence: {
    certain: 'The agent reported the error of LiveKit’s API, which has the SIP status and what it answers.',
    likely: 'The agent reported an error that does not show who refused.',
  },
  needs: ['target', 'end', 'livekit', 'transfer'],
  match({ target, end, livekit, transfer }) {
    if (transfer?.kind !== 'failed') return undefined;
    const party = refusedBy(transfer.failure);
    const evidence = [...transferEvidence(transfer), ...endEvidence({ end, livekit })];
    const claim = saidByLiveKit(party === 'unknown' ? 'likely' : 'certain', evidence, fixesFor(transfer, target));
    return { ...claim, party };
  },
  examples: [
    {
      shows: 'a REFER that was answered with 501 met a dial without a referHook',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 25_000,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 25_020, agentLeft: 25_400 },
        transfers: [
          {
            error: { code: 'failed_precondition', message: 'twirp error unknown: sip status: 501: Not Implemented' },
            at: 10_200,
          },
        ],
      },
      livekit: {},
      want: { outcome: 'connected', blocking: ['transfer_failed'], confidence: 'certain' },
    },
    {
      shows: 'a target that was busy, as the agent reports without LiveKit’s webhooks',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 25_000,
        transfers: [
          {
            error: {
              code: 'resource_exhausted',
              message: 'twirp error unknown: call transfer failed: sip status: 486: Busy Here',
            },
            at: 10_200,
          },
        ],
      },
      livekit: {},
      want: { outcome: 'connected', blocking: ['transfer_failed'], confidence: 'certain' },
    },
    {
      shows: 'an error without a SIP status shows that the transfer failed, and not who refused it',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 25_000,
        transfers: [{ error: { code: 'deadline_exceeded', message: 'request timed out' }, at: 10_200 }],
      },
      livekit: {},
      want: { outcome: 'connected', blocking: ['transfer_failed'], confidence: 'likely' },
    },
    {
      shows: 'a transfer that succeeded after one that failed',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 25_000,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 25_020, agentLeft: 25_400 },
        transfers: [
          {
            error: {
              code: 'resource_exhausted',
              message: 'twirp error unknown: call transfer failed: sip status: 486: Busy Here',
            },
            at: 10_200,
          },
          { error: null, at: 24_900 },
        ],
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'an agent that leaves the caller alone after a transfer that failed drops the call',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 25_000,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, agentLeft: 11_000, callerLeft: 25_050 },
        transfers: [
          {
            error: { code: 'failed_precondition', message: 'twirp error unknown: sip status: 501: Not Implemented' },
            at: 10_200,
          },
        ],
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_left_caller', 'transfer_failed'], confidence: 'certain' },
    },
  ],
});
