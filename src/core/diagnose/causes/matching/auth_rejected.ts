import { dialFix, type Fix, plainFix, trunkName } from '../../../fixes/fix.ts';
import { defineCause, type Evidence } from '../../cause.ts';
import { configurationFault, observed, responseEvidence } from '../../claims.ts';
import { type Ending, isResponse } from '../../facts/ending.ts';
import { type Facts, formOf } from '../../facts/facts.ts';

export const authRejected = defineCause({
  id: 'auth_rejected',
  title: 'LiveKit doesn’t accept the credentials as sent',
  party: 'application',
  stage: 'auth',
  runbook: {
    meaning:
      'Jambonz answered LiveKit’s challenge, and LiveKit rejected the answer with 401. "Unauthorized" means that the username or password differs from the trunk’s. "Bad credentials" means that LiveKit could not check them: they came with another Call-ID than the challenge, or could not be read.',
    impact:
      'Every call from this application to this trunk fails within a second, although Jambonz answers the challenge. The caller hears whatever the application does after a failed dial.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the 401 and its phrase. Without a phrase, or from an SBC older than September 2025, it may be either: search livekit-sip’s log for the SIP Call-ID.',
      'For "Bad credentials", run `sngrep` on the SBC and beside livekit-sip. Compare the Call-ID and the Proxy-Authorization header of the second INVITE. If nothing rewrites them, another livekit-sip instance may have got that INVITE: only the one that sent a challenge knows it.',
      'For "Unauthorized", `lk sip inbound list` shows the trunk’s username. Compare it letter by letter with `auth.username` in the dial target.',
      'No webhook carries the password. Compare the application’s secret with the trunk’s, and find out who last changed either. `sipwhy history` shows when the trunk’s username changed.',
    ],
    mitigation: [
      'For "Bad credentials", make the B2BUA, proxy or ALG between the SBC and LiveKit leave both unchanged. Don’t change the password.',
      'For "Unauthorized", set `auth` in the dial target to the trunk’s username and password, and deploy the application.',
      'Or change the trunk to what the application sends: `lk sip inbound update --id ST_… --auth-user … --auth-pass …`. This changes nothing else. First check that no other application uses the old credentials.',
      'Verify that the next call is answered with 200 instead of 401.',
    ],
  },
  fix: 'After "Unauthorized", set auth in the dial target to the trunk’s username and password. After "Bad credentials", find what changes the Call-ID or the Proxy-Authorization header between the SBC and LiveKit.',
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
    const username = likelyTrunk?.trunk.auth_username;
    if (likelyTrunk && username) {
      const value = `requires credentials for ${username}`;
      evidence.push({ name: `trunk ${trunkName(likelyTrunk.trunk)}`, value, source: 'match' });
    }
    const isRightUsername = auth?.kind === 'unknown' && auth.usernameMatches;
    const sent = auth?.kind === 'wrong_username' ? auth.sent : isRightUsername ? username : undefined;
    if (sent !== undefined) {
      evidence.push({ name: 'username sent', value: `${sent} (from ${formOf(target)})`, source: 'jambonz' });
    }
    const mismatchFix = fixFor(target, username, isRightUsername);
    if (isResponse(ending, 401)) {
      const meaning = meaningOf(ending);
      evidence.push({ name: 'the 401’s phrase', value: MEANINGS[meaning], source: 'jambonz' });
      const agrees = match?.choice.kind === 'matched' && auth?.kind !== 'not_asked' && auth?.kind !== 'not_sent';
      const fixes = { mismatch: [mismatchFix], unreadable: [LEAVE_UNCHANGED], either: [FIND_PHRASE, mismatchFix] };
      return observed(agrees ? 'certain' : 'likely', evidence, fixes[meaning]);
    }
    if (isResponse(ending, 407) || stage === 'admitted' || auth?.kind !== 'wrong_username') return undefined;
    const fault = configurationFault(stage, evidence, [mismatchFix], 'admitted');
    return fault && { ...fault, confidence: 'likely' };
  },
  examples: [
    {
      shows: 'a 401 "Unauthorized" means that the credentials don’t match the trunk’s',
      call: { response: [401, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_rejected'], confidence: 'certain' },
    },
    {
      shows: 'a 401 "Unauthorized" for the trunk’s own username leaves the password',
      call: { tag: { sipwhy: { auth_username: 'livekit_client' } }, response: [401, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_rejected'], confidence: 'certain' },
    },
    {
      shows: 'a 401 "Bad credentials" means that LiveKit could not check them, so the password may be right',
      call: { response: [401, 'Bad credentials', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }] },
      want: { blocking: ['auth_rejected'], confidence: 'certain' },
    },
    {
      shows: 'a 401 that only the dial hook reports may be either',
      call: { response: [401, 'Bad credentials', 230], lost: 'final' },
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

const MEANINGS = {
  mismatch:
    '"Unauthorized" is LiveKit’s answer to a wrong username or password; an SBC older than September 2025 also writes it for "Bad credentials"',
  unreadable:
    '"Bad credentials" means that LiveKit could not check them: they came with another Call-ID than its challenge, or could not be read',
  either: 'LiveKit’s own is unknown: "Unauthorized" for a wrong username or password, or "Bad credentials"',
};

function meaningOf(ending: Ending): keyof typeof MEANINGS {
  if (isResponse(ending, 401, 'Bad credentials')) return 'unreadable';
  return isResponse(ending, 401, 'Unauthorized') ? 'mismatch' : 'either';
}

const LEAVE_UNCHANGED = plainFix(
  'Compare the second INVITE as the SBC sends it with what livekit-sip receives: a B2BUA, proxy or ALG between them must not change its Call-ID or its Proxy-Authorization header. Leave the username and password as they are.',
);
const FIND_PHRASE = plainFix(
  'Look for the phrase of the 401 in livekit-sip’s log: after "Bad credentials", something between the SBC and LiveKit changes the Call-ID or the Proxy-Authorization header, and the password may be right.',
);

function fixFor(
  target: Extract<Facts['target'], { kind: 'livekit' }>,
  username: string | undefined,
  isRightUsername: boolean,
): Fix {
  const place = target.viaCarrier
    ? 'the Jambonz carrier that leads to LiveKit'
    : target.byRest
      ? '"to" in the body of createCall'
      : 'the dial target';
  if (isRightUsername) return plainFix(`Compare the password in ${place} with the trunk’s: the username is right.`);
  if (!username || target.viaCarrier)
    return plainFix(`Compare the username and password in ${place} with the trunk’s.`);
  return dialFix({ username }, `Dial with username ${username} and the trunk’s password.`);
}
