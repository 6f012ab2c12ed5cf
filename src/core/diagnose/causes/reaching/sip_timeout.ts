import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { gotInBeside } from '../../facts/neighbours.ts';
import { NO_ANSWER_MS, SLACK_MS, TIMER_B_MS } from '../../facts/timing.ts';
import { roomEvidence } from '../../unknowns.ts';

const WAY_BACK =
  'LiveKit received the INVITE: check the way back to the SBC. Over UDP, responses go to the address in the Via header; over TCP and TLS they come on the INVITE’s connection or, once that is closed, on a new one to the SBC’s SIP port.';

export const sipTimeout = defineCause({
  id: 'sip_timeout',
  title: 'the INVITE got no response',
  party: 'network',
  stage: 'network',
  runbook: {
    meaning:
      'No response came: 408 after 32 s, or after 64 s if the host has two addresses. Packets are lost or filtered, or the far end uses another transport: TLS to a plain port and plain TCP to a TLS port end the same way.',
    impact: 'The caller hears 32 s or 64 s of silence, or whatever the application plays, and then the call fails.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows how long it took, which tells how many addresses were silent.',
      'Run `sipwhy probe "sip:<host>;transport=udp"` on sipwhy’s machine. If it is answered, the path between the SBC and the host is blocked in one direction.',
      'On the SBC, run `sngrep` or `tcpdump -n port 5060 or port 5061`. Does the INVITE leave, and does anything come back?',
      'Check port and transport: TLS uses 5061, the others 5060. `openssl s_client -connect <host>:5061` shows whether the port speaks TLS.',
      'Does `dig +short <host>` list an address of a machine that no longer exists?',
    ],
    mitigation: [
      'If other calls to the host got in at the same time, neither firewall nor port is the first suspect: find what differs in this INVITE, or where packets are lost.',
      'Open the firewall in both directions for the SBC’s addresses. UDP responses come from the far end’s port.',
      'Correct the port or transport in the dialled SIP URI.',
      'Remove dead addresses from the DNS.',
      'Verify that the probe is answered and that the next call rings within a second.',
    ],
  },
  fix: 'Check firewall, port and transport between the SBC and the dialled host, in both directions.',
  confidence: {
    certain:
      'A leg to LiveKit got a 408 without ringing after 32 s, or a multiple of it, which is the timeout of the SBC’s own SIP stack.',
    likely:
      'A leg got a 408 without ringing at another time, or wasn’t to LiveKit, or LiveKit’s webhooks show that the INVITE arrived. Or a leg to self-hosted LiveKit ended without ringing at all.',
    possible: 'A leg to LiveKit Cloud ended without ringing. Cloud may ring late, or refuse a call by silence.',
  },
  needs: ['target', 'host', 'stage', 'deployment', 'ending', 'progress', 'lostToSibling', 'livekit', 'neighbours'],
  match({ target, host, stage, deployment, ending, progress, lostToSibling, livekit, neighbours }) {
    if (target.kind === 'own' || progress.ringings > 0 || stage === 'refused') return undefined;
    const { elapsedMs = 0 } = progress;
    const evidence = roomEvidence({ ending, progress, livekit });
    // LiveKit’s webhooks may name a call for which no response was reported: only the way back is left.
    if (livekit.kind === 'admitted') {
      return isResponse(ending, 408) ? observed('likely', evidence, [plainFix(WAY_BACK)]) : undefined;
    }
    const fixes = [...(gotInBeside(neighbours) ? [plainFix(COMPARE)] : []), plainFix(this.fix)];
    if (isResponse(ending, 408)) {
      if (host?.kind === 'wrong') return alternative(evidence, fixes);
      const rounds = Math.round(elapsedMs / TIMER_B_MS);
      const isStackTimer = rounds > 0 && Math.abs(elapsedMs - rounds * TIMER_B_MS) <= SLACK_MS;
      if (isStackTimer && rounds > 1) {
        const value = `${rounds} rounds of 32 s: ${rounds} addresses, all silent`;
        evidence.push({ name: 'time', value, source: 'jambonz' });
      }
      // A carrier may have waited as long for its own far end; LiveKit has none.
      return observed(isStackTimer && target.kind === 'livekit' ? 'certain' : 'likely', evidence, fixes);
    }
    // Self-hosted LiveKit rings at once, so a leg that ended without ringing got no response, unless webhooks are lost.
    if (target.kind !== 'livekit' || ending.kind !== 'unanswered' || !progress.endReported) return undefined;
    if (elapsedMs < NO_ANSWER_MS) return undefined;
    // An answer on another leg may have cut this one short.
    const isExplained = host?.kind === 'wrong' || lostToSibling;
    if (isExplained) return alternative(evidence, fixes);
    // LiveKit Cloud may ring only after 3 to 20 s, and is reported to refuse calls without ringing at all.
    return observed(deployment?.kind === 'cloud' ? 'possible' : 'likely', evidence, fixes);
  },
  examples: [
    {
      shows: 'a 408 after 32 s without ringing means no response',
      call: { response: [408, 'Request Timeout', 32_050] },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'certain' },
    },
    {
      shows: 'a 408 beside calls that got in is still no response, but hardly a firewall',
      call: { response: [408, 'Request Timeout', 32_050] },
      livekit: {},
      meanwhile: [{ ringing: 'every second', answeredAt: 1_500, callerHungUpAt: 20_000 }],
      want: { blocking: ['sip_timeout'], confidence: 'certain' },
    },
    {
      shows: 'a 408 after 64 s without ringing means two silent addresses',
      call: { response: [408, 'Request Timeout', 64_080] },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'certain' },
    },
    {
      shows: 'a 408 before the stack’s timeout may not be the stack’s',
      call: { response: [408, 'Request Timeout', 12_000] },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'likely' },
    },
    {
      shows: 'a 408 at neither 32 s nor 64 s is not certain: a ringing webhook may be lost',
      call: { response: [408, 'Request Timeout', 217_000] },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'likely' },
    },
    {
      shows: 'a 408 from a carrier after 32 s may come from a host behind it',
      call: { to: '+15550199', response: [408, 'Request Timeout', 32_050] },
      want: { blocking: ['sip_timeout'], confidence: 'likely' },
    },
    {
      shows: 'a dial that timed out without ringing got no response, since self-hosted LiveKit rings at once',
      call: { to: 'sip:+15550100@sip.example.com', dialGaveUpAt: 20_000 },
      livekit: {},
      settings: { livekit_sip_host: 'sip.example.com' },
      want: { blocking: ['sip_timeout'], confidence: 'likely' },
    },
    {
      shows: 'LiveKit Cloud may ring late, so a dial that timed out without ringing is only possibly a timeout',
      call: { dialGaveUpAt: 20_000 },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'possible' },
    },
    {
      shows: 'a call to LiveKit Cloud that its configuration refuses likely was refused by silence',
      call: { dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'likely', alternatives: ['sip_timeout'] },
    },
    {
      shows: 'a call that LiveKit’s webhooks name has reached LiveKit',
      call: { dialGaveUpAt: 20_000, room: { callerJoined: 120, callerLeft: 20_040, finished: 39_840 } },
      livekit: {},
      want: { blocking: ['agent_not_joined'], confidence: 'likely' },
    },
    {
      shows: 'a 408 for a call that LiveKit’s webhooks name means that the responses don’t come back',
      call: { response: [408, 'Request Timeout', 32_050], room: { callerJoined: 120 } },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'likely' },
    },
    {
      shows: 'a 408 for a host known to be wrong is likely the wrong host',
      call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [408, 'Request Timeout', 32_050] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely', alternatives: ['sip_timeout'] },
    },
    {
      shows: 'a leg with only its first webhook shows nothing: the others may be lost',
      call: {},
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a carrier may be slow to ring, so a dial that timed out shows nothing',
      call: { to: '+15550199', dialGaveUpAt: 20_000 },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

const COMPARE =
  'Compare this INVITE with one that got in: size, headers, called number, port and transport. Other calls to this host got in at the same time, so also look for lost packets.';
