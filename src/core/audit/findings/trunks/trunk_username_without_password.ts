import { trunkName } from '../../../fixes/fix.ts';
import { credentialsFix } from '../../auditFixes.ts';
import { defineFinding } from '../../finding.ts';

export const trunkUsernameWithoutPassword = defineFinding({
  id: 'trunk_username_without_password',
  severity: 'critical',
  title: 'a trunk has a username and no password, and so asks for neither',
  why:
    'LiveKit challenges a call only where the trunk has both a username and a password. With the username alone it accepts ' +
    'the call without asking, though the trunk looks protected.',
  fix: 'Give the trunk a password, or take the username away if it is meant to be open.',
  *find({ trunks }) {
    for (const trunk of trunks) {
      if (trunk.auth_username === '' || trunk.has_password) continue;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        what: `${trunkName(trunk)} has the username ${trunk.auth_username} and no password: it accepts calls without credentials.`,
        fixes: [credentialsFix(trunk)],
      };
    }
  },
});
