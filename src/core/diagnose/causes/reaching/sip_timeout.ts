import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence, ringingEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { SLACK_MS, TIMER_B_MS } from '../../facts/timing.ts';

/** An answer of any kind comes well within this time; a leg that ended later without one was not answered at all. */
const NO_ANSWER_MS = 5_000;

export const sipTimeout = defineCause({
  id: 'sip_timeout',
  title: 'nobody answered the INVITE',
  party: 'network',
  stage: 'network',
  runbook: {
    meaning:
      'No response of any kind came: 408 after 32 s, 64 s where the host has two addresses. The packets are lost or filtered, or the far end speaks another transport: TLS to a plain port and plain TCP to a TLS port end the same.',
    impact: 'The caller has 32 s or 64 s of silence, or what the application plays, and then the call fails.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows how long it took, and so how many addresses were silent.',
      '`npx sipwhy probe "sip:<host>;transport=udp"` from sipwhy’s machine. If that is answered, the way from the SBC is blocked, or the one back.',
      'On the SBC: `sngrep` or `tcpdump -n port 5060 or port 5061`. Does the INVITE leave, and does anything come back?',
      'Port and transport: TLS is 5061, the others are 5060. `openssl s_client -connect <host>:5061` shows whether the port speaks TLS.',
      '`dig +short <host>`: an address of a machine that is no more?',
    ],
    mitigation: [
      'Open the firewall in both directions, for the addresses of the SBC; answers over UDP come from the far end’s port.',
      'Correct the port or the transport of the dialled SIP URI.',
      'Take addresses that are dead out of the DNS.',
      'It worked when the probe is answered and the next call rings within a second.',
    ],
  },
  fix: 'Check firewall, port and transport between the SBC and the dialled host, in both directions.',
  confidence: {
    certain:
      'A 408 without any ringing after 32 s, or a multiple of it, on a leg to LiveKit: the time of the SBC’s own SIP stack.',
    likely:
      'A 408 without ringing at another time or on another leg, or a leg to LiveKit that ended without even a ringing.',
  },
  needs: ['target', 'host', 'stage', 'ending', 'progress', 'lostToSibling'],
  match({ target, host, stage, ending, progress, lostToSibling }) {
    if (target.kind === 'own' || progress.ringings > 0 || stage === 'refused') return undefined;
    const { elapsedMs = 0 } = progress;
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    const fixes = [plainFix(this.fix)];
    if (isResponse(ending, 408)) {
      if (host?.kind === 'wrong') return alternative(evidence, fixes);
      const rounds = Math.round(elapsedMs / TIMER_B_MS);
      const isStackTimer = rounds > 0 && Math.abs(elapsedMs - rounds * TIMER_B_MS) <= SLACK_MS;
      if (isStackTimer && rounds > 1) {
        const value = `${rounds} rounds of 32 s: ${rounds} addresses, all silent`;
        evidence.push({ name: 'time', value, source: 'jambonz' });
      }
      // A carrier may have waited as long for somebody behind it; LiveKit has nobody behind it.
      return observed(isStackTimer && target.kind === 'livekit' ? 'certain' : 'likely', evidence, fixes);
    }
    // LiveKit rings at once, so a leg that ended without even that was never answered, unless webhooks are lost.
    if (target.kind !== 'livekit' || ending.kind !== 'unanswered' || !progress.endReported) return undefined;
    if (elapsedMs < NO_ANSWER_MS) return undefined;
    // Another leg that was answered cut it short.
    const isExplained = host?.kind === 'wrong' || lostToSibling;
    return isExplained ? alternative(evidence, fixes) : observed('likely', evidence, fixes);
  },
  examples: [
    {
      shows: 'a 408 after 32 s without ringing is nobody answering',
      call: { response: [408, 'Request Timeout', 32_050] },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'certain' },
    },
    {
      shows: 'a 408 after 64 s without ringing is two addresses, both silent',
      call: { response: [408, 'Request Timeout', 64_080] },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'certain' },
    },
    {
      shows: 'a 408 sooner than the stack gives up is not certainly the stack’s',
      call: { response: [408, 'Request Timeout', 12_000] },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'likely' },
    },
    {
      shows: 'a 408 at neither 32 s nor 64 s is not certainly silence: the webhook of a ringing may be lost',
      call: { response: [408, 'Request Timeout', 217_000] },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'likely' },
    },
    {
      shows: 'a 408 of a carrier after 32 s may be that of somebody behind it',
      call: { to: '+15550199', response: [408, 'Request Timeout', 32_050] },
      want: { blocking: ['sip_timeout'], confidence: 'likely' },
    },
    {
      shows: 'a dial that gave up without a ringing was not answered by anybody, since LiveKit rings at once',
      call: { dialGaveUpAt: 20_000 },
      livekit: {},
      want: { blocking: ['sip_timeout'], confidence: 'likely' },
    },
    {
      shows: 'a 408 on a host known to be wrong is the wrong host, or silence',
      call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [408, 'Request Timeout', 32_050] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely', alternatives: ['sip_timeout'] },
    },
    {
      shows: 'a leg of which nothing but its beginning was heard shows nothing: its webhooks may be lost',
      call: {},
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a carrier may well be slow to ring, so a dial that gave up on it says nothing',
      call: { to: '+15550199', dialGaveUpAt: 20_000 },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});
