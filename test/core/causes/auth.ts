import { FITTING, rule, trunk, WITH_PASSWORD, withoutFinal } from '../scenario.ts';
import { certain, likely, type Row } from './row.ts';

const CARRIER = '+15550199';
const password = { livekit: WITH_PASSWORD };
const barred = {
  livekit: {
    inbound_trunks: [trunk({ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] })],
    dispatch_rules: [rule()],
  },
};
const NONE = { sipwhy: { auth_username: false } };
const RIGHT = { sipwhy: { auth_username: 'livekit_client' } };
const WRONG = { sipwhy: { auth_username: 'somebody' } };
const SILENT = { ringing: [90], dialGaveUpAt: 20_000 };

/** FACTS: 407 without credentials, 401 with wrong ones, and what the dial's tag says of them. */
export const AUTH_ROWS: readonly Row[] = [
  {
    name: 'a 407 is credentials that were not sent',
    call: { response: [407, 'Unauthorized', 230] },
    setting: password,
    want: certain('auth_missing'),
  },
  {
    name: 'a 407 with the standard phrase of an old SBC is the same',
    call: { response: [407, 'Proxy Authentication Required', 230] },
    setting: password,
    want: certain('auth_missing'),
  },
  {
    name: 'a 407 that only the dial hook tells is the same',
    call: withoutFinal({ response: [407, 'Unauthorized', 230] }),
    setting: password,
    want: certain('auth_missing'),
  },
  {
    name: 'a 407 without LiveKit’s configuration is never certain',
    call: { response: [407, 'Unauthorized', 230] },
    want: likely('auth_missing'),
  },
  {
    name: 'a 407 of a trunk that asks for no credentials contradicts the configuration',
    call: { response: [407, 'Unauthorized', 230] },
    setting: { livekit: FITTING },
    want: likely('auth_missing'),
  },
  {
    name: 'a username without a password is no challenge, so that a 407 contradicts it',
    call: { response: [407, 'Unauthorized', 230] },
    setting: { livekit: { ...FITTING, inbound_trunks: [trunk({ auth_username: 'livekit_client' })] } },
    want: likely('auth_missing'),
  },
  {
    name: 'a 407 after a dial that says it sent credentials contradicts the tag',
    call: { tag: RIGHT, response: [407, 'Unauthorized', 230] },
    setting: password,
    want: likely('auth_missing'),
  },
  {
    name: 'a 407 of a carrier is the carrier’s',
    call: { to: CARRIER, response: [407, 'Proxy Authentication Required', 230] },
    setting: password,
    want: likely('carrier_rejected'),
  },
  ...['Unauthorized', 'Bad credentials'].map(
    (phrase): Row => ({
      name: `a 401 "${phrase}" is credentials that are not the trunk’s`,
      call: { response: [401, phrase, 230] },
      setting: password,
      want: certain('auth_rejected'),
    }),
  ),
  {
    name: 'a 401 without LiveKit’s configuration is never certain',
    call: { response: [401, 'Unauthorized', 230] },
    want: likely('auth_rejected'),
  },
  {
    name: 'a 401 after a dial that says it sent none contradicts the tag',
    call: { tag: NONE, response: [401, 'Unauthorized', 230] },
    setting: password,
    want: likely('auth_rejected'),
  },
  {
    name: 'a missing password alone is a 407, so behind a refusal it is unknown and comes next',
    call: SILENT,
    setting: barred,
    want: { ...certain('caller_not_allowed'), latent: ['auth_missing'] },
  },
  {
    name: 'a tag that says none were sent makes the missing password a second fault of a refused call',
    call: { ...SILENT, tag: NONE },
    setting: barred,
    want: certain('caller_not_allowed', 'auth_missing'),
  },
  {
    name: 'a tag with an empty username says that none were sent',
    call: { ...SILENT, tag: { sipwhy: { auth_username: '' } } },
    setting: barred,
    want: certain('caller_not_allowed', 'auth_missing'),
  },
  {
    name: 'a tag with another username makes the credentials a second fault of a refused call',
    call: { ...SILENT, tag: WRONG },
    setting: barred,
    want: certain('caller_not_allowed', 'auth_rejected'),
  },
  {
    name: 'a tag with the trunk’s username leaves nothing to be said of the credentials',
    call: { ...SILENT, tag: RIGHT },
    setting: barred,
    want: certain('caller_not_allowed'),
  },
  {
    name: 'a tag of another shape says nothing',
    call: { ...SILENT, tag: { sipwhy: { auth_username: 7 } } },
    setting: barred,
    want: { ...certain('caller_not_allowed'), latent: ['auth_missing'] },
  },
  {
    name: 'a tag that says none were sent does not matter to a trunk without a password',
    call: { ...SILENT, tag: NONE },
    setting: { livekit: { ...FITTING, inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })] } },
    want: certain('caller_not_allowed'),
  },
];
