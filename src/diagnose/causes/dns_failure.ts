import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';
import { isPhraseless503 } from '../liveKitResponses.ts';

export const dnsFailure = defineCause({
  id: 'dns_failure',
  title: 'the dialled host does not resolve',
  party: 'network',
  stage: 'network',
  meaning:
    'The SIP stack of the SBC answers 503 "DNS Error" where the dialled host has no address: at once for a name that does ' +
    'not exist, after 64 s or more where the resolver is silent.',
  fix: 'Correct the host of the dialled SIP URI, or the resolver of the SBC.',
  confidence: {
    certain: 'The phrase of the SBC’s own SIP stack on a leg to LiveKit.',
    likely: 'The phrase of a SIP stack on another leg: it may be that of somebody behind the carrier.',
  },
  needs: ['target', 'host', 'ending', 'progress'],
  match({ target, host, ending, progress }) {
    if (!isResponse(ending, 503, 'DNS Error') && !isPhraseless503(ending)) return undefined;
    const evidence = responseEvidence(ending, progress);
    if (target.kind === 'livekit') evidence.push({ name: 'dialled host', value: target.uri.host, source: 'jambonz' });
    const isSilentResolver = (progress.elapsedMs ?? 0) >= 60_000;
    const fixes = [
      plainFix(
        isSilentResolver
          ? 'Repair the resolver of the SBC: it did not answer.'
          : 'Correct the host of the dialled SIP URI; it has no address in the DNS that the SBC asks.',
      ),
    ];
    // A host that is known to be wrong is the better name for it; without its phrase it may be anything.
    if (host?.kind === 'wrong' || isPhraseless503(ending)) return alternative(evidence, fixes);
    return observed(target.kind === 'livekit' ? 'certain' : 'likely', evidence, fixes);
  },
});
