import { dialFix, type Fix, plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { latent, responseEvidence } from '../../claims.ts';
import type { HostJudgement } from '../../facts/site.ts';

type Doubtful = Exclude<HostJudgement, { readonly kind: 'expected' }>;

const WHY: Record<Extract<Doubtful, { readonly kind: 'wrong' }>['why'], string> = {
  url_name: 'has the name in LIVEKIT_URL, not the project id',
  url_suffix: 'has only the end of the name in LIVEKIT_URL, not the project id',
  id_prefix: 'has p_ before the project id',
  api_host: 'is the host in LIVEKIT_URL, not the SIP host',
  no_project: 'names no project',
  no_sip_host: 'isn’t a SIP host: LiveKit Cloud’s are <project id without p_>.sip.livekit.cloud',
  other_project: 'isn’t in LIVEKIT_SIP_HOST',
};

const DOUBTS = {
  like_url_name: 'looks like the name in a LIVEKIT_URL; set LIVEKIT_URL or LIVEKIT_SIP_HOST to let sipwhy check it',
  not_listed: 'isn’t in LIVEKIT_SIP_HOST; add it there if it is another name of the same LiveKit',
};

function howToDial(host: Doubtful): string {
  if (host.right === undefined) return 'Dial the SIP host shown in the LiveKit project’s settings.';
  if (host.kind === 'wrong' && host.why === 'id_prefix') return `Dial ${host.right}, without p_.`;
  return `Dial ${host.right}, the host in LIVEKIT_SIP_HOST.`;
}

export const sipHostWrong = defineCause({
  id: 'sip_host_wrong',
  title: 'the dialled host isn’t LiveKit’s SIP host',
  party: 'application',
  stage: 'host',
  runbook: {
    meaning:
      'LiveKit Cloud’s SIP host is the project id without p_, followed by .sip.livekit.cloud. A region may stand between the two. The name in LIVEKIT_URL is different, and dialling it, or only its end, with .sip is a common mistake; so are sip.livekit.cloud without a project, and the project id with p_. What LiveKit Cloud answers there is not known.',
    impact:
      'No call from this application reaches the intended project, whatever its trunks and rules say. The caller gets an immediate refusal, or silence until the dial times out.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the dialled host and why it is wrong.',
      'Compare it with the SIP URI in the LiveKit Cloud project’s settings. For self-hosted LiveKit, use the address of livekit-sip, not of livekit-server.',
      '`sipwhy probe sip:<the right host>` shows whether SIP is answered there.',
      'If the dialled host is right after all, sipwhy’s settings are wrong: check LIVEKIT_SIP_HOST and LIVEKIT_URL.',
    ],
    mitigation: [
      'Correct the SIP URI that the application dials, `sip:<number>@<project id without p_>.sip.livekit.cloud`, and deploy the application.',
      'Set LIVEKIT_SIP_HOST in sipwhy to that host, so that it catches the next mistake at once.',
      'Run `sipwhy check sip:<number>@<host>` before the next call: the host is often not the only fault.',
      'Verify that the next call is answered by LiveKit: a 180 at once, then a 407 or 200.',
    ],
  },
  fix: 'Dial the SIP host shown in the project’s settings: <project id without p_>.sip.livekit.cloud.',
  confidence: {
    likely:
      'The dialled host differs from the configured one. This is never certain, because what LiveKit Cloud answers there is not known.',
  },
  needs: ['target', 'stage', 'host', 'ending', 'progress'],
  match({ target, stage, host, ending, progress }) {
    // A host that asks for credentials or admits calls is LiveKit's.
    if (target.kind !== 'livekit' || stage === 'admitted' || stage === 'auth') return undefined;
    if (!host || host.kind === 'expected') return undefined;
    const evidence = responseEvidence(ending, progress);
    const { right } = host;
    const fixes: Fix[] = [dialFix({ host: right ?? '<project id without p_>.sip.livekit.cloud' }, howToDial(host))];
    if (host.kind === 'unknown') {
      if (!host.doubt) return undefined;
      const value = `${host.host} ${DOUBTS[host.doubt]}`;
      return latent('possible', [...evidence, { name: 'dialled host', value, source: 'settings' }], fixes);
    }
    evidence.push({ name: 'dialled host', value: `${host.host} ${WHY[host.why]}`, source: 'settings' });
    if (host.isConfigured) fixes.push(plainFix('Correct LIVEKIT_SIP_HOST of sipwhy as well: it names the same host.'));
    return { standing: 'blocking', basis: 'configured', confidence: 'likely', evidence, fixes };
  },
  examples: [
    {
      shows: 'the name in LIVEKIT_URL with .sip is the wrong host',
      call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'the name in LIVEKIT_URL before a region is the wrong host',
      call: { to: 'sip:+15550100@first-abcdefgh.eu.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'the name in LIVEKIT_URL is the wrong host, even if LIVEKIT_SIP_HOST has it too',
      call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [404, 'No trunk found', 230] },
      livekit: {},
      settings: {
        livekit_url: 'wss://first-abcdefgh.livekit.cloud',
        livekit_sip_host: 'first-abcdefgh.sip.livekit.cloud',
      },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'the end of the name in LIVEKIT_URL is the wrong host',
      call: { to: 'sip:+15550100@abcdefgh.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'the project’s host with a region is the right host',
      call: { to: 'sip:+15550100@vjnxecm0tjk.india.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'the host in LIVEKIT_URL itself is the wrong host',
      call: { to: 'sip:+15550100@first-abcdefgh.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'a host that names no project is the wrong host',
      call: { to: 'sip:+15550100@sip.livekit.cloud', response: [404, 'No trunk found', 230] },
      livekit: {},
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'the host of any LIVEKIT_URL is the wrong host',
      call: { to: 'sip:+15550100@first-abcdefgh.livekit.cloud', response: [404, 'No trunk found', 230] },
      livekit: {},
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'the project id with p_ is the wrong host',
      call: { to: 'sip:+15550100@p_vjnxecm0tjk.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'another project than LIVEKIT_SIP_HOST is the wrong host',
      call: { to: 'sip:+15550100@aaaaaaaaaaa.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'a project of LiveKit Cloud is the wrong host if LIVEKIT_SIP_HOST is self-hosted',
      call: { to: 'sip:+15550100@vjnxecm0tjk.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_sip_host: 'sip.example.com' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "Service Unavailable" for a host known to be wrong is likely the wrong host',
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
      shows: 'LIVEKIT_SIP_HOST is the right host',
      call: { to: 'sip:+15550100@vjnxecm0tjk.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a self-hosted LiveKit may have any other name',
      call: { to: 'sip:+15550100@livekit.cloud.example.com', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'the host’s letter case doesn’t matter',
      call: { to: 'sip:+15550100@VJNXECM0TJK.SIP.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a project id is not the name in LIVEKIT_URL',
      call: { to: 'sip:+15550100@vjnxecm0tjk.sip.livekit.cloud', response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a host that looks like the name in a LIVEKIT_URL is suspect if LIVEKIT_URL is not set',
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
      shows: 'a wrong host never reports a used-up quota',
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
