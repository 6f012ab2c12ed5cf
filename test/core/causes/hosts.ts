import { CALLED, FITTING } from '../scenario.ts';
import { certain, likely, type Row, UNCLASSIFIED } from './row.ts';

const URL_NAME = `sip:${CALLED}@first-abcdefgh.sip.livekit.cloud`;
const PROJECT_ID = `sip:${CALLED}@vjnxecm0tjk.sip.livekit.cloud`;
const withUrl = { livekit: FITTING, livekit_url: 'wss://first-abcdefgh.livekit.cloud' };
const withHost = { livekit: FITTING, livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' };
/** A response that no other rule accounts for. */
const RESPONSE = [503, 'Come back tomorrow', 230] as const;

/** FACTS 1: LiveKit Cloud's SIP host is the project id's, and the name in LIVEKIT_URL is another. */
export const HOST_ROWS: readonly Row[] = [
  {
    name: 'dialling LIVEKIT_URL’s name with .sip is the wrong host',
    call: { to: URL_NAME, response: RESPONSE },
    setting: withUrl,
    want: likely('sip_host_wrong'),
  },
  {
    name: 'dialling LIVEKIT_URL’s own host is the wrong host',
    call: { to: `sip:${CALLED}@first-abcdefgh.livekit.cloud`, response: RESPONSE },
    setting: withUrl,
    want: likely('sip_host_wrong'),
  },
  {
    name: 'dialling another project than LIVEKIT_SIP_HOST is the wrong host',
    call: { to: `sip:${CALLED}@aaaaaaaaaaa.sip.livekit.cloud`, response: RESPONSE },
    setting: withHost,
    want: likely('sip_host_wrong'),
  },
  {
    name: 'dialling LIVEKIT_SIP_HOST is right',
    call: { to: PROJECT_ID, response: RESPONSE },
    setting: withHost,
    want: UNCLASSIFIED,
  },
  {
    name: 'a host is the same in any letter case',
    call: { to: `sip:${CALLED}@VJNXECM0TJK.SIP.livekit.cloud`, response: RESPONSE },
    setting: withHost,
    want: UNCLASSIFIED,
  },
  {
    name: 'a project id is no LIVEKIT_URL’s name',
    call: { to: PROJECT_ID, response: RESPONSE },
    setting: withUrl,
    want: UNCLASSIFIED,
  },
  {
    name: 'a host in the form of a LIVEKIT_URL’s name is suspected where no LIVEKIT_URL is set',
    call: { to: URL_NAME, response: RESPONSE },
    setting: { livekit: FITTING },
    want: { ...UNCLASSIFIED, latent: ['sip_host_wrong'] },
  },
  {
    name: 'a host that asks for credentials is LiveKit’s, whatever its name',
    call: { to: URL_NAME, response: [407, 'Unauthorized', 230] },
    setting: withUrl,
    want: likely('auth_missing'),
  },
  {
    name: 'a quota that is used up is no wrong host’s answer',
    call: { to: PROJECT_ID, response: [503, 'Service temporarily unavailable', 230] },
    setting: withHost,
    want: certain('livekit_quota_exceeded'),
  },
];
