import { dialFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { latent, responseEvidence } from '../../claims.ts';

export const sipHostWrong = defineCause({
  id: 'sip_host_wrong',
  title: 'the dialled host is not LiveKit’s SIP host',
  party: 'application',
  stage: 'host',
  runbook: {
    meaning:
      'LiveKit Cloud’s SIP host is the project id without p_, followed by .sip.livekit.cloud. The name in LIVEKIT_URL is another one, and dialling it with .sip is a common mistake. What LiveKit Cloud answers to it is not known.',
    impact:
      'No call of this application reaches the project that was meant, whatever its trunks and rules say. How it ends for the caller differs: a refusal at once, or silence until the dial gives up.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the host that was dialled and why it is not the right one.',
      'Compare it with the SIP URI in the settings of the LiveKit Cloud project. On self-hosted LiveKit it is the address of livekit-sip, not of livekit-server.',
      '`npx sipwhy probe sip:<the right host>` says whether anybody answers SIP there.',
      'If the dialled host is right after all, sipwhy was told another one: see LIVEKIT_SIP_HOST and LIVEKIT_URL.',
    ],
    mitigation: [
      'Put the right host into the SIP URI that the application dials, `sip:<number>@<project id without p_>.sip.livekit.cloud`, and deploy it.',
      'Set LIVEKIT_SIP_HOST of sipwhy to that host, so that the next mistake is found at once.',
      'Run `npx sipwhy check sip:<number>@<host>` before the next call: the host is often not the only fault.',
      'It worked when a call’s answer comes from LiveKit: a 180 at once, and a 407 or 200 after it.',
    ],
  },
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
  examples: [
    {
      shows: 'dialling LIVEKIT_URL’s name with .sip is the wrong host',
      call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'dialling LIVEKIT_URL’s own host is the wrong host',
      call: { to: 'sip:+15550100@first-abcdefgh.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'dialling another project than LIVEKIT_SIP_HOST is the wrong host',
      call: { to: 'sip:+15550100@aaaaaaaaaaa.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "Service Unavailable" on a host known to be wrong is the wrong host, or anybody',
      call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [503, 'Service Unavailable', 60] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: {
        blocking: ['sip_host_wrong'],
        confidence: 'likely',
        alternatives: ['transport_unreachable', 'livekit_quota_exceeded', 'livekit_unavailable'],
      },
    },
    {
      shows: 'dialling LIVEKIT_SIP_HOST is right',
      call: { to: 'sip:+15550100@vjnxecm0tjk.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a host is the same in any letter case',
      call: { to: 'sip:+15550100@VJNXECM0TJK.SIP.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a project id is no LIVEKIT_URL’s name',
      call: { to: 'sip:+15550100@vjnxecm0tjk.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a host in the form of a LIVEKIT_URL’s name is suspected where no LIVEKIT_URL is set',
      call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible', latent: ['sip_host_wrong'] },
    },
    {
      shows: 'a host that asks for credentials is LiveKit’s, whatever its name',
      call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [407, 'Unauthorized', 230] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'a quota that is used up is no wrong host’s answer',
      call: {
        to: 'sip:+15550100@vjnxecm0tjk.sip.livekit.cloud',
        response: [503, 'Service temporarily unavailable', 230],
      },
      livekit: {},
      settings: { livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
      want: { blocking: ['livekit_quota_exceeded'], confidence: 'certain' },
    },
  ],
});
