import { dialFix } from '../../fixes/dialFix.ts';
import { type Fix, plainFix } from '../../fixes/fix.ts';
import { trunkName } from '../../fixes/names.ts';
import type { TrunkJudgement } from '../../trunks/judge.ts';
import { defineCause, type Evidence } from '../cause.ts';
import { configurationFault, latent, observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';

export const authMissing = defineCause({
  id: 'auth_missing',
  title: 'no credentials were sent, and the trunk asks for them',
  party: 'application',
  stage: 'auth',
  meaning:
    'The trunk has a username and a password, so LiveKit answers the INVITE with 407. Jambonz answers that challenge only ' +
    'where the dial target has auth; without it the 407 is final.',
  fix: 'Give the dial target of the application auth: {username, password} of the trunk.',
  confidence: {
    certain: 'The last answer is 407, and the one trunk that takes the call asks for credentials.',
    likely:
      'The last answer is 407 and the configuration or the dial’s tag does not agree with it, or the tag says that no credentials are sent and the call did not get as far as being asked for them.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress'],
  match({ target, stage, match, ending, progress }) {
    if (target.kind !== 'livekit') return undefined;
    const { meant, auth } = match ?? {};
    const fixes = fixesFor(meant);
    if (isResponse(ending, 407)) {
      const evidence = [...responseEvidence(ending, progress), ...askedEvidence(meant)];
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
      const fault = configurationFault(stage, [declared, ...askedEvidence(meant)], fixes, 'admitted');
      return fault && { ...fault, confidence: 'likely' };
    }
    if (auth?.kind !== 'unknown' || auth.usernameMatches) return undefined;
    const unknown: Evidence = {
      name: 'credentials',
      value: 'not known; the dial verb’s tag {"sipwhy": {"auth_username": …}} would tell',
      source: 'jambonz',
    };
    return latent('possible', [unknown, ...askedEvidence(meant)], fixes);
  },
});

function askedEvidence(meant: TrunkJudgement | undefined): Evidence[] {
  if (!meant) return [];
  const { auth_username, has_password } = meant.trunk;
  const value =
    auth_username !== '' && has_password ? `asks for credentials of ${auth_username}` : 'asks for no credentials';
  return [{ name: `trunk ${trunkName(meant.trunk)}`, value, source: 'match' }];
}

function fixesFor(meant: TrunkJudgement | undefined): Fix[] {
  const username = meant?.trunk.auth_username;
  if (!username) return [plainFix('Give the dial target auth: {username, password} of the trunk.')];
  return [dialFix({ username }, `Dial with auth: username ${username} and the password of the trunk.`)];
}
