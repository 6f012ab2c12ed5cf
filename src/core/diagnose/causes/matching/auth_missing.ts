import { dialFix, type Fix, plainFix, trunkName } from '../../../fixes/fix.ts';
import type { TrunkJudgement } from '../../../trunks/judge/judge.ts';
import { defineCause, type Evidence } from '../../cause.ts';
import { configurationFault, latent, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { formOf } from '../../facts/facts.ts';

const OF_CARRIER =
  'Set the trunk’s username and password in the Jambonz carrier that leads to LiveKit, under its outbound authentication.';

export const authMissing = defineCause({
  id: 'auth_missing',
  title: 'the trunk requires credentials, but none were sent',
  party: 'application',
  stage: 'auth',
  runbook: {
    meaning:
      'The trunk has a username and a password, so LiveKit challenges the INVITE with 407. Jambonz answers the challenge only if the dial target has auth; otherwise the 407 is final. Missing credentials alone give a 407, never a 503.',
    impact:
      'Every call from this application to this trunk fails within a second. The caller’s leg is already answered, so the caller hears whatever the application plays next, or the call ends.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the 407, the trunk, and the username it requires. Don’t look in Jambonz’s Recent Calls: a call that ends with 401 or 407 leaves no record there.',
      '`lk sip inbound list` shows whether the trunk has a username. A trunk with a username but no password never sends a challenge.',
      'Print the dial verb that the application sends and check that its target has `auth`. `sipwhy check --dial verb.json` reads the verb and lists everything that would stop the call.',
      'If the verb does have `auth`, the running application may be an older deployment, or a different one. Applications in the Jambonz portal shows which URL handles the number.',
    ],
    mitigation: [
      'Add `"auth": {"username": "…", "password": "…"}` with the trunk’s credentials to the dial target of type `sip`, and deploy the application.',
      'Also add `"tag": {"sipwhy": {"auth_username": "…"}}` to the dial verb, so that sipwhy knows which username was sent.',
      'If you can’t change the application tonight, remove the username and password from the trunk. First restrict allowed_addresses to the SBCs, or anybody can call the trunk.',
      'Verify that the next call rings and is answered: `sipwhy explain` reports it as connected, and the auth_missing count stops rising.',
    ],
  },
  fix: 'Add auth: {username, password} with the trunk’s credentials to the dial target in the application.',
  confidence: {
    certain: 'The final response is 407, and the only trunk that matches the call requires credentials.',
    likely:
      'The final response is 407, but the configuration or the dial tag contradicts it. Or the tag says that no credentials are sent, and the call never got as far as the challenge.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress'],
  match({ target, stage, match, ending, progress }) {
    if (target.kind !== 'livekit') return undefined;
    const { likelyTrunk, auth } = match ?? {};
    const fixes = target.viaCarrier
      ? [plainFix(OF_CARRIER)]
      : fixesFor(likelyTrunk, target.byRest ? '"to" in the body of createCall' : 'the dial target');
    if (isResponse(ending, 407)) {
      const evidence = [...responseEvidence(ending, progress), ...askedEvidence(likelyTrunk)];
      // A trunk that requires no credentials, or a tag that says they were sent, contradicts the 407.
      const agrees = match?.choice.kind === 'matched' && (auth?.kind === 'unknown' || auth?.kind === 'not_sent');
      const saysSent = match?.call.declaredAuth?.sent === true;
      return observed(agrees && !saysSent ? 'certain' : 'likely', evidence, fixes);
    }
    if (isResponse(ending, 401) || stage === 'admitted') return undefined;
    if (auth?.kind === 'not_sent') {
      const declared: Evidence = {
        name: 'credentials',
        value: `none, according to ${formOf(target)}`,
        source: 'jambonz',
      };
      // LiveKit challenges only after it has chosen the trunk, so an earlier refusal does not show this fault itself.
      const fault = configurationFault(stage, [declared, ...askedEvidence(likelyTrunk)], fixes, 'admitted');
      return fault && { ...fault, confidence: 'likely' };
    }
    if (auth?.kind !== 'unknown' || auth.usernameMatches) return undefined;
    const unknown: Evidence = {
      name: 'credentials',
      value: `unknown; add the tag {"sipwhy": {"auth_username": …}} to ${formOf(target)} to find out`,
      source: 'jambonz',
    };
    return latent('possible', [unknown, ...askedEvidence(likelyTrunk)], fixes);
  },
  examples: [
    {
      shows: 'a 407 means that no credentials were sent',
      call: { response: [407, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_missing'], confidence: 'certain' },
    },
    {
      shows: 'a 407 with an old SBC’s standard phrase means the same',
      call: { response: [407, 'Proxy Authentication Required', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_missing'], confidence: 'certain' },
    },
    {
      shows: 'a 407 that only the dial hook reports means the same',
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
      shows: 'a 407 from a trunk that requires no credentials contradicts the configuration',
      call: { response: [407, 'Unauthorized', 230] },
      livekit: {},
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'a trunk with a username but no password sends no challenge, so a 407 contradicts the configuration',
      call: { response: [407, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client' }] },
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'a 407 contradicts a tag that says credentials were sent',
      call: { tag: { sipwhy: { auth_username: 'livekit_client' } }, response: [407, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'every dialled SIP URI counts as LiveKit’s if LIVEKIT_SIP_HOST is not set',
      call: { to: 'sip:+15550199@carrier.example.com', response: [407, 'Unauthorized', 300] },
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'a REST call to LiveKit has no A leg: the call itself is the attempt',
      call: { leg: 'rest', response: [407, 'Unauthorized', 230] },
      want: { blocking: ['auth_missing'], confidence: 'likely' },
    },
    {
      shows: 'a 407 from a carrier is the carrier’s refusal',
      call: { to: '+15550199', response: [407, 'Proxy Authentication Required', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
    {
      shows: 'missing credentials alone give a 407, so in a refused call they are only a possible next blocker',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain', latent: ['auth_missing'] },
    },
    {
      shows: 'a tag that says no credentials were sent makes them a second blocker of a refused call',
      call: { ringing: [90], dialGaveUpAt: 20_000, tag: { sipwhy: { auth_username: false } } },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed', 'auth_missing'], confidence: 'certain' },
    },
    {
      shows: 'a tag with an empty username says that no credentials were sent',
      call: { ringing: [90], dialGaveUpAt: 20_000, tag: { sipwhy: { auth_username: '' } } },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed', 'auth_missing'], confidence: 'certain' },
    },
    {
      shows: 'a malformed tag says nothing',
      call: { ringing: [90], dialGaveUpAt: 20_000, tag: { sipwhy: { auth_username: 7 } } },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain', latent: ['auth_missing'] },
    },
    {
      shows: 'a trunk without a password ignores a tag that says no credentials were sent',
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
    auth_username !== '' && has_password ? `requires credentials for ${auth_username}` : 'requires no credentials';
  return [{ name: `trunk ${trunkName(likelyTrunk.trunk)}`, value, source: 'match' }];
}

function fixesFor(likelyTrunk: TrunkJudgement | undefined, place: string): Fix[] {
  const username = likelyTrunk?.trunk.auth_username;
  if (!username) return [plainFix(`Add auth: {username, password} with the trunk’s credentials to ${place}.`)];
  return [dialFix({ username }, `Dial with auth: username ${username} and the trunk’s password.`)];
}
