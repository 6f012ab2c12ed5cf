import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence, ringingEvidence } from '../claims.ts';
import { SLACK_MS, TIMER_B_MS } from '../connecting.ts';
import { isResponse } from '../ending.ts';

/** An answer of any kind comes well within this time; a leg that ended later without one was not answered at all. */
const NO_ANSWER_MS = 5_000;

export const sipTimeout = defineCause({
  id: 'sip_timeout',
  title: 'nobody answered the INVITE',
  party: 'network',
  stage: 'network',
  meaning:
    'No response of any kind came: 408 after 32 s, 64 s where the host has two addresses. The packets are lost or filtered, ' +
    'or the far end speaks another transport: TLS to a plain port and plain TCP to a TLS port end the same.',
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
});
