import { dialFix } from '../../fixes/dialFix.ts';
import { plainFix } from '../../fixes/fix.ts';
import { trunkName } from '../../fixes/names.ts';
import { defineCause, type Evidence } from '../cause.ts';
import { configurationFault, observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const authRejected = defineCause({
  id: 'auth_rejected',
  title: 'the credentials that were sent are not the trunk’s',
  party: 'application',
  stage: 'auth',
  meaning:
    'Jambonz answered LiveKit’s challenge, and LiveKit refused the answer with 401: the username or the password is not ' +
    'that of the trunk, or the answer could not be read.',
  fix: 'Set auth of the dial target to the trunk’s username and password, or the trunk’s to what the application sends.',
  confidence: {
    certain: 'The last answer is 401, and the one trunk that takes the call asks for credentials.',
    likely:
      'The last answer is 401 and the configuration does not confirm that credentials were asked for, or the dial’s tag names another username and the call did not get as far.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress'],
  match({ target, stage, match, ending, progress }) {
    if (target.kind !== 'livekit') return undefined;
    const { meant, auth } = match ?? {};
    const evidence: Evidence[] = responseEvidence(ending, progress);
    if (meant?.trunk.auth_username) {
      const value = `asks for credentials of ${meant.trunk.auth_username}`;
      evidence.push({ name: `trunk ${trunkName(meant.trunk)}`, value, source: 'match' });
    }
    if (auth?.kind === 'wrong_username') {
      evidence.push({ name: 'username sent', value: `${auth.sent} (from the dial’s tag)`, source: 'jambonz' });
    }
    const username = meant?.trunk.auth_username;
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
});
