import { type Fix, pretty } from '../fixes/fix.ts';
import { trunkName } from '../fixes/names.ts';
import type { InboundTrunk } from '../trunks/snapshot.ts';

const USERNAME = '<a username>';
const PASSWORD = '<a long random password>';

/**
 * Gives a trunk the half of its credentials that is missing, or both: LiveKit asks for them only when it has both.
 * The dial target of the application must send them from then on.
 */
export function credentialsFix(trunk: InboundTrunk): Fix {
  const hasUsername = trunk.auth_username !== '';
  const update = {
    ...(!hasUsername && { auth_username: USERNAME }),
    ...(!trunk.has_password && { auth_password: PASSWORD }),
  };
  const flags = [
    ...(hasUsername ? [] : [`--auth-user '${USERNAME}'`]),
    ...(trunk.has_password ? [] : [`--auth-pass '${PASSWORD}'`]),
  ].join(' ');
  const id = trunk.sip_trunk_id;
  const missing = hasUsername ? 'a password' : trunk.has_password ? 'a username' : 'a username and a password';
  return {
    action: `Give ${trunkName(trunk)} ${missing}, and the dial target of the application auth with both.`,
    pastes: [
      {
        label: 'LiveKit API: POST /twirp/livekit.SIP/UpdateSIPInboundTrunk',
        format: 'json',
        text: pretty({ sip_trunk_id: id, update }),
      },
      { label: 'or with lk', format: 'shell', text: `lk sip inbound update --id ${id} ${flags}` },
    ],
  };
}
