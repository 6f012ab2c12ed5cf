import { dialFix, type Fix, plainFix, trunkName } from '../../../fixes/fix.ts';
import type { TrunkJudgement } from '../../../trunks/judge/judge.ts';
import { defineCause, type Evidence } from '../../cause.ts';
import { configurationFault, latent, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const authMissing = defineCause({
  id: 'auth_missing',
  title: 'no credentials were sent, and the trunk asks for them',
  party: 'application',
  stage: 'auth',
  runbook: {
    meaning:
      'The trunk has a username and a password, so LiveKit answers the INVITE with 407. Jambonz answers that challenge only where the dial target has auth; without it the 407 is final. A missing password alone is a 407, never a 503.',
    impact:
      'Every call of this application to this trunk fails within a second. The caller’s leg is already answered: the caller hears nothing of the failure but what the application plays next, or the call ends.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the 407, the trunk, and the username that it asks for. Do not look in Jambonz’s Recent calls: a call that ends with 401 or 407 leaves no record there.',
      '`lk sip inbound list` shows whether the trunk has a username; a trunk with a username and no password asks for nothing.',
      'Print the dial verb that the application sends, and see whether its target has `auth`. `npx sipwhy check --dial verb.json` reads it and says what would stop it.',
      'Where the verb does have `auth`: the running application may be an older deployment, or another one than you think. Jambonz portal, Applications, shows which URL takes the number.',
    ],
    mitigation: [
      'Add `"auth": {"username": "…", "password": "…"}` of the trunk to the dial target, whose type is `sip`, and deploy the application.',
      'Add `"tag": {"sipwhy": {"auth_username": "…"}}` to the dial verb as well. Then sipwhy knows what was sent.',
      'If the application cannot be changed tonight: take username and password off the trunk, and allow only the SBCs in its allowed_addresses first, or the trunk is open to everybody.',
      'It worked when the next call rings and is answered: `npx sipwhy explain` of it says connected, and the count of auth_missing stands still.',
    ],
  },
  fix: 'Give the dial target of the application auth: {username, password} of the trunk.',
  confidence: {
    certain: 'The last answer is 407, and the one trunk that takes the call asks for credentials.',
    likely:
      'The last answer is 407 and the configuration or the dial’s tag does not agree with it, or the tag says that no credentials are sent and the call did not get as far as being asked for them.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress'],
  match({ target, stage, match, ending, progress }) {
    if (target.kind !== 'livekit') return undefined;
    const { likelyTrunk, auth } = match ?? {};
    const fixes = fixesFor(likelyTrunk);
    if (isResponse(ending, 407)) {
      const evidence = [...responseEvidence(ending, progress), ...askedEvidence(likelyTrunk)];
      // A trunk that asks for nothing, or an application that says it sent credentials, contradicts the 407.
      const agrees = match?.choice.kind === 'matched' && (auth?.kind === 'unknown' || auth?.kind === 'not_sent');
      const saysSent = match?.call.declaredAuth?.sent === true;
      return observed(agrees && !saysSent ? 'certain' : 'likely', evidence, fixes);
    }
    if (isResponse(ending, 401) || stage === 'admitted') return undefined;
    if (auth?.kind === 'not_sent') {
      const declared: Evidence = {
        name: 'credentials',
        value: 'none, as the dial says',
        source: 'jambonz',
      };
      // Credentials are asked for after the trunk is chosen, so a refusal before that does not show this fault itself.
      const fault = configurationFault(stage, [declared, ...askedEvidence(likelyTrunk)], fixes, 'admitted');
      return fault && { ...fault, confidence: 'likely' };
    }
    if (auth?.kind !== 'unknown' || auth.usernameMatches) return undefined;
    const unknown: Evidence = {
      name: 'credentials',
      value: 'not known; the dial verb’s tag {"sipwhy": {"auth_username": …}} would tell',
      source: 'jambonz',
    };
    return latent('possible', [unknown, ...askedEvidence(likelyTrunk)], fixes);
  },
  examples: [
    {
      shows: 'a 407 is credentials that were not sent',
      call: { response: [407, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_missing'], confidence: 'certain' },
    },
    {
      shows: 'a 407 with the standard phrase of an old SBC is the same',
      call: { response: [407, 'Proxy Authentication Required', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_missing'], confidence: 'certain' },
    },
    {
      shows: 'a 407 that only the dial hook tells is the same',
      call: { response: [407, 'Unauthorized', 230], lost: 'final' },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_missing'], confidence: 'certain' },
    },
    {
      shows: 'a 407 without LiveKit’s configuration is never certain',
      call: { response: [407, 'Unauthorized', 230] },
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'a 407 of a trunk that asks for no credentials contradicts the configuration',
      call: { response: [407, 'Unauthorized', 230] },
      livekit: {},
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'a username without a password is no challenge, so that a 407 contradicts it',
      call: { response: [407, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client' }] },
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'a 407 after a dial that says it sent credentials contradicts the tag',
      call: { tag: { sipwhy: { auth_username: 'livekit_client' } }, response: [407, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'a SIP URI is taken for LiveKit’s where LIVEKIT_SIP_HOST is not set',
      call: { to: 'sip:+15550199@carrier.example.com', response: [407, 'Unauthorized', 300] },
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'a REST call to LiveKit has no A leg and is an attempt itself',
      call: { leg: 'rest', response: [407, 'Unauthorized', 230] },
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'a 407 of a carrier is the carrier’s',
      call: { to: '+15550199', response: [407, 'Proxy Authentication Required', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
    {
      shows: 'a missing password alone is a 407, so behind a refusal it is unknown and comes next',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain', latent: ['auth_missing'] },
    },
    {
      shows: 'a tag that says none were sent makes the missing password a second fault of a refused call',
      call: { ringing: [90], dialGaveUpAt: 20_000, tag: { sipwhy: { auth_username: false } } },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed', 'auth_missing'], confidence: 'certain' },
    },
    {
      shows: 'a tag with an empty username says that none were sent',
      call: { ringing: [90], dialGaveUpAt: 20_000, tag: { sipwhy: { auth_username: '' } } },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed', 'auth_missing'], confidence: 'certain' },
    },
    {
      shows: 'a tag of another shape says nothing',
      call: { ringing: [90], dialGaveUpAt: 20_000, tag: { sipwhy: { auth_username: 7 } } },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain', latent: ['auth_missing'] },
    },
    {
      shows: 'a tag that says none were sent does not matter to a trunk without a password',
      call: { ringing: [90], dialGaveUpAt: 20_000, tag: { sipwhy: { auth_username: false } } },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
  ],
});

function askedEvidence(likelyTrunk: TrunkJudgement | undefined): Evidence[] {
  if (!likelyTrunk) return [];
  const { auth_username, has_password } = likelyTrunk.trunk;
  const value =
    auth_username !== '' && has_password ? `asks for credentials of ${auth_username}` : 'asks for no credentials';
  return [{ name: `trunk ${trunkName(likelyTrunk.trunk)}`, value, source: 'match' }];
}

function fixesFor(likelyTrunk: TrunkJudgement | undefined): Fix[] {
  const username = likelyTrunk?.trunk.auth_username;
  if (!username) return [plainFix('Give the dial target auth: {username, password} of the trunk.')];
  return [dialFix({ username }, `Dial with auth: username ${username} and the password of the trunk.`)];
}
