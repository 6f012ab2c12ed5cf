import { trunkName } from '../../../fixes/fix.ts';
import { credentialsFix } from '../../auditFixes.ts';
import { defineFinding } from '../../finding.ts';

export const trunkPasswordWithoutUsername = defineFinding({
  id: 'trunk_password_without_username',
  severity: 'critical',
  title: 'a trunk has a password and no username, and so asks for neither',
  why:
    'LiveKit challenges a call only where the trunk has both a username and a password. With the password alone it accepts ' +
    'the call without asking, though the trunk looks protected.',
  fix: 'Give the trunk a username.',
  *find({ trunks }) {
    for (const trunk of trunks) {
      if (trunk.auth_username !== '' || !trunk.has_password) continue;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        what: `${trunkName(trunk)} has a password and no username: it accepts calls without credentials.`,
        fixes: [credentialsFix(trunk)],
      };
    }
  },
});
