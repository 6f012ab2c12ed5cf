import { dialFix, plainFix, trunkName } from '../../../fixes/fix.ts';
import { defineCause, type Evidence } from '../../cause.ts';
import { configurationFault, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { formOf } from '../../facts/facts.ts';

export const authRejected = defineCause({
  id: 'auth_rejected',
  title: 'the credentials sent don’t match the trunk’s',
  party: 'application',
  stage: 'auth',
  runbook: {
    meaning:
      'Jambonz answered LiveKit’s challenge, and LiveKit rejected the answer with 401. The username or password differs from the trunk’s, or LiveKit could not read the answer ("Bad credentials").',
    impact:
      'Every call from this application to this trunk fails within a second, although Jambonz answers the challenge. The caller hears whatever the application does after a failed dial.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the 401 and its phrase. "Unauthorized" means a wrong username or password. "Bad credentials" means that the answer had a different Call-ID from the challenge, or could not be parsed: look for something between the SBC and LiveKit that rewrites Call-IDs.',
      '`lk sip inbound list` shows the trunk’s username. Compare it letter by letter with `auth.username` in the dial target.',
      'No webhook carries the password. Compare the application’s secret with the trunk’s, and find out who last changed either. `sipwhy history` shows when the trunk’s username changed.',
    ],
    mitigation: [
      'Set `auth` in the dial target to the trunk’s username and password, and deploy the application.',
      'Or change the trunk to what the application sends: `lk sip inbound update --id ST_… --auth-user … --auth-pass …`. This changes nothing else. First check that no other application uses the old credentials.',
      'Verify that the next call is answered with 200 instead of 401.',
    ],
  },
  fix: 'Set auth in the dial target to the trunk’s username and password, or change the trunk to match the application.',
  confidence: {
    certain: 'The final response is 401, and the only trunk that matches the call requires credentials.',
    likely:
      'The final response is 401, but the configuration does not confirm that the trunk requires credentials. Or the dial tag names another username, and the call never got as far as the challenge.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress'],
  match({ target, stage, match, ending, progress }) {
    if (target.kind !== 'livekit') return undefined;
    const { likelyTrunk, auth } = match ?? {};
    const evidence: Evidence[] = responseEvidence(ending, progress);
    if (likelyTrunk?.trunk.auth_username) {
      const value = `requires credentials for ${likelyTrunk.trunk.auth_username}`;
      evidence.push({ name: `trunk ${trunkName(likelyTrunk.trunk)}`, value, source: 'match' });
    }
    if (auth?.kind === 'wrong_username') {
      evidence.push({ name: 'username sent', value: `${auth.sent} (from ${formOf(target)})`, source: 'jambonz' });
    }
    const username = likelyTrunk?.trunk.auth_username;
    const fixes = username
      ? [dialFix({ username }, `Dial with username ${username} and the trunk’s password.`)]
      : [plainFix('Compare the username and password in the dial target with the trunk’s.')];
    if (isResponse(ending, 401)) {
      const agrees = match?.choice.kind === 'matched' && auth?.kind !== 'not_asked' && auth?.kind !== 'not_sent';
      return observed(agrees ? 'certain' : 'likely', evidence, fixes);
    }
    if (isResponse(ending, 407) || stage === 'admitted' || auth?.kind !== 'wrong_username') return undefined;
    const fault = configurationFault(stage, evidence, fixes, 'admitted');
    return fault && { ...fault, confidence: 'likely' };
  },
  examples: [
    {
      shows: 'a 401 means that the credentials don’t match the trunk’s',
      call: { response: [401, 'Unauthorized', 230] },
      alike: [[401, 'Bad credentials', 230]],
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_rejected'], confidence: 'certain' },
    },
    {
      shows: 'a 401 without LiveKit’s configuration is never certain',
      call: { response: [401, 'Unauthorized', 230] },
      want: { blocking: ['auth_rejected'], confidence: 'likely' },
    },
    {
      shows: 'a 401 contradicts a tag that says no credentials were sent',
      call: { tag: { sipwhy: { auth_username: false } }, response: [401, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_rejected'], confidence: 'likely' },
    },
    {
      shows: 'a tag with another username makes the credentials a second blocker of a refused call',
      call: { ringing: [90], dialGaveUpAt: 20_000, tag: { sipwhy: { auth_username: 'somebody' } } },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed', 'auth_rejected'], confidence: 'certain' },
    },
    {
      shows: 'a tag with the trunk’s username clears the credentials',
      call: { ringing: [90], dialGaveUpAt: 20_000, tag: { sipwhy: { auth_username: 'livekit_client' } } },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
  ],
});
