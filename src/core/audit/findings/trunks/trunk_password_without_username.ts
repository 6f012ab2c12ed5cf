import { trunkName } from '../../../fixes/fix.ts';
import { credentialsFix } from '../../auditFixes.ts';
import { defineFinding } from '../../finding.ts';

export const trunkPasswordWithoutUsername = defineFinding({
  id: 'trunk_password_without_username',
  severity: 'critical',
  title: 'a trunk has a password and no username, so LiveKit asks for neither',
  runbook: {
    meaning:
      'LiveKit asks for credentials only when a trunk has both a username and a password. This trunk has only a password, so LiveKit accepts calls without credentials, although the trunk looks protected.',
    impact: 'Calls connect. Strangers get in too, unless allowed_addresses keeps them out.',
    diagnosis: [
      '`sipwhy audit` names the trunk. `sipwhy history` shows whether a username was removed, and when.',
      'Which applications call this trunk, and which credentials do they have?',
    ],
    mitigation: [
      'First put `auth` with the username and the password into the dial target of every application that calls the trunk. Jambonz sends them only when LiveKit asks, so this changes nothing yet.',
      'Then set the username: `lk sip inbound update --id ST_… --auth-user …`. From then on, calls without credentials fail with 407.',
      'Verify that `sipwhy audit` no longer lists the trunk, and that the next call connects. `sipwhy explain CALL_SID` explains a 407 or a 401.',
    ],
  },
  fix: 'Give the application the credentials, then set the trunk’s username.',
  *find({ trunks }) {
    for (const trunk of trunks) {
      if (trunk.auth_username !== '' || !trunk.has_password) continue;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        describe: () => ({
          what: `${trunkName(trunk)} has a password and no username. LiveKit accepts its calls without credentials.`,
          fixes: [credentialsFix(trunk)],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'a password and no username',
      configuration: { trunks: { ST_1: { auth_password: 'secret' } } },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 has a password and no username. LiveKit accepts its calls without credentials.',
      },
    },
    {
      shows: 'a password and a username',
      configuration: { trunks: { ST_1: { auth_username: 'livekit_client', auth_password: 'secret' } } },
    },
    {
      shows: 'neither a password nor a username',
      configuration: { trunks: { ST_1: {} } },
    },
  ],
});
