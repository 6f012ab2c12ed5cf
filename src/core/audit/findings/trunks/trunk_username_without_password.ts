import { trunkName } from '../../../fixes/fix.ts';
import { credentialsFix } from '../../auditFixes.ts';
import { defineFinding } from '../../finding.ts';

export const trunkUsernameWithoutPassword = defineFinding({
  id: 'trunk_username_without_password',
  severity: 'critical',
  title: 'a trunk has a username and no password, so LiveKit asks for neither',
  runbook: {
    meaning:
      'LiveKit asks for credentials only when a trunk has both a username and a password. This trunk has only a username, so LiveKit accepts calls without credentials, although the trunk looks protected.',
    impact: 'Calls connect. Strangers get in too, unless allowed_addresses keeps them out.',
    diagnosis: [
      '`sipwhy audit` names the trunk. `sipwhy history` shows whether a password was removed, and when. An update with a file without auth_password removes it.',
      'Which applications call this trunk, and which credentials do they have?',
    ],
    mitigation: [
      'First put `auth` with the username and the password into the dial target of every application that calls the trunk. Jambonz sends them only when LiveKit asks, so this changes nothing yet.',
      'Then set the password: `lk sip inbound update --id ST_… --auth-pass …`. From then on, calls without credentials fail with 407.',
      'If the trunk should not require credentials, remove the username instead, and restrict allowed_addresses.',
      'Verify that `sipwhy audit` no longer lists the trunk, and that the next call connects. `sipwhy explain CALL_SID` explains a 407 or a 401.',
    ],
  },
  fix: 'Give the application the credentials, then set the trunk’s password.',
  *find({ trunks }) {
    for (const trunk of trunks) {
      if (trunk.auth_username === '' || trunk.has_password) continue;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        describe: () => ({
          what: `${trunkName(trunk)} has the username ${trunk.auth_username} and no password. LiveKit accepts its calls without credentials.`,
          fixes: [credentialsFix(trunk)],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'a username and no password',
      configuration: {
        trunks: { ST_1: { auth_username: 'livekit_client', allowed_addresses: ['192.0.2.1'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 has the username livekit_client and no password. LiveKit accepts its calls without credentials.',
      },
    },
    {
      shows: 'a username and a password',
      configuration: { trunks: { ST_1: { auth_username: 'livekit_client', auth_password: 'secret' } } },
    },
    {
      shows: 'neither a username nor a password',
      configuration: { trunks: { ST_1: {} } },
    },
  ],
});
