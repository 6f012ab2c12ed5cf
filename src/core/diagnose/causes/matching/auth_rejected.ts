import { dialFix, plainFix, trunkName } from '../../../fixes/fix.ts';
import { defineCause, type Evidence } from '../../cause.ts';
import { configurationFault, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';

export const authRejected = defineCause({
  id: 'auth_rejected',
  title: 'the credentials that were sent are not the trunk’s',
  party: 'application',
  stage: 'auth',
  runbook: {
    meaning:
      'Jambonz answered LiveKit’s challenge, and LiveKit refused the answer with 401: the username or the password is not that of the trunk, or the answer could not be read ("Bad credentials").',
    impact:
      'Every call of this application to this trunk fails within a second, after a challenge that Jambonz did answer. The caller hears what the application does after a failed dial.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the 401 and its phrase. "Unauthorized" is a wrong username or password. "Bad credentials" is an answer with another Call-ID than the challenge’s, or one that cannot be parsed: look for something between the SBC and LiveKit that rewrites Call-IDs.',
      '`lk sip inbound list` shows the trunk’s username. Compare it, letter by letter, with `auth.username` of the dial target.',
      'The password cannot be seen in a webhook. Compare the application’s secret with the trunk’s; ask who changed either of them last. `npx sipwhy history` shows when the trunk’s username changed.',
    ],
    mitigation: [
      'Set `auth` of the dial target to the trunk’s username and password, and deploy the application.',
      'Or set the trunk to what the application sends: `lk sip inbound update --id ST_… --auth-user … --auth-pass …`. This changes nothing else of the trunk. First see that no other application dials with the old ones.',
      'It worked when the next call is answered with 200 instead of 401.',
    ],
  },
  fix: 'Set auth of the dial target to the trunk’s username and password, or the trunk’s to what the application sends.',
  confidence: {
    certain: 'The last answer is 401, and the one trunk that takes the call asks for credentials.',
    likely:
      'The last answer is 401 and the configuration does not confirm that credentials were asked for, or the dial’s tag names another username and the call did not get as far.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress'],
  match({ target, stage, match, ending, progress }) {
    if (target.kind !== 'livekit') return undefined;
    const { likelyTrunk, auth } = match ?? {};
    const evidence: Evidence[] = responseEvidence(ending, progress);
    if (likelyTrunk?.trunk.auth_username) {
      const value = `asks for credentials of ${likelyTrunk.trunk.auth_username}`;
      evidence.push({ name: `trunk ${trunkName(likelyTrunk.trunk)}`, value, source: 'match' });
    }
    if (auth?.kind === 'wrong_username') {
      evidence.push({ name: 'username sent', value: `${auth.sent} (from the dial’s tag)`, source: 'jambonz' });
    }
    const username = likelyTrunk?.trunk.auth_username;
    const fixes = username
      ? [dialFix({ username }, `Dial with username ${username} and the password of the trunk.`)]
      : [plainFix('Compare username and password of the dial target with those of the trunk.')];
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
      shows: 'a 401 is credentials that are not the trunk’s',
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
      shows: 'a 401 after a dial that says it sent none contradicts the tag',
      call: { tag: { sipwhy: { auth_username: false } }, response: [401, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_rejected'], confidence: 'likely' },
    },
    {
      shows: 'a tag with another username makes the credentials a second fault of a refused call',
      call: { ringing: [90], dialGaveUpAt: 20_000, tag: { sipwhy: { auth_username: 'somebody' } } },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed', 'auth_rejected'], confidence: 'certain' },
    },
    {
      shows: 'a tag with the trunk’s username leaves nothing to be said of the credentials',
      call: { ringing: [90], dialGaveUpAt: 20_000, tag: { sipwhy: { auth_username: 'livekit_client' } } },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'x', allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
  ],
});
