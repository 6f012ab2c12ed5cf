import { dialFix } from '../../fixes/dialFix.ts';
import { defineCause } from '../cause.ts';
import { latent, responseEvidence } from '../claims.ts';

export const sipHostWrong = defineCause({
  id: 'sip_host_wrong',
  title: 'the dialled host is not LiveKit’s SIP host',
  party: 'application',
  stage: 'host',
  meaning:
    'LiveKit Cloud’s SIP host is the project id without p_, followed by .sip.livekit.cloud. The name in LIVEKIT_URL is ' +
    'another one, and dialling it with .sip is a common mistake. What LiveKit Cloud answers to it is not known.',
  fix: 'Dial the SIP host shown in the project’s settings: <project id without p_>.sip.livekit.cloud.',
  confidence: {
    likely:
      'The dialled host is not the one that is configured. It is never certain: what LiveKit Cloud answers there is not known.',
  },
  needs: ['target', 'stage', 'host', 'ending', 'progress'],
  match({ target, stage, host, ending, progress }) {
    // A host that asks for credentials or admits calls is LiveKit's.
    if (target.kind !== 'livekit' || stage === 'admitted' || stage === 'auth') return undefined;
    if (!host || host.kind === 'expected') return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [
      dialFix(
        { host: '<project id without p_>.sip.livekit.cloud' },
        'Dial the SIP host shown in the settings of the LiveKit project.',
      ),
    ];
    if (host.kind === 'unknown') {
      if (!host.looksLikeUrlName) return undefined;
      const value = `${host.host} has the form of a LIVEKIT_URL’s name; set LIVEKIT_URL or LIVEKIT_SIP_HOST, and sipwhy can tell`;
      return latent('possible', [...evidence, { name: 'dialled host', value, source: 'settings' }], fixes);
    }
    const why = {
      url_name: 'is the name of LIVEKIT_URL, not the project id',
      api_host: 'is the host of LIVEKIT_URL, which takes no SIP',
      other_project: 'is not among LIVEKIT_SIP_HOST',
    }[host.why];
    evidence.push({ name: 'dialled host', value: `${host.host} ${why}`, source: 'settings' });
    return { standing: 'blocking', basis: 'configured', confidence: 'likely', evidence, fixes };
  },
});
