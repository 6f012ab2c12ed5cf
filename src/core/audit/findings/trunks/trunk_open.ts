import type { Fix } from '../../../fixes/fix.ts';
import { trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import { readAddresses } from '../../../trunks/allowedAddresses.ts';
import type { InboundTrunk } from '../../../trunks/snapshot.ts';
import { credentialsFix } from '../../auditFixes.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const trunkOpen = defineFinding({
  id: 'trunk_open',
  severity: 'warning',
  title: 'a trunk takes calls from every address without a password',
  why:
    'Anybody who can reach the SIP host and knows, or guesses, a number of the trunk talks to the agents, at your cost. ' +
    'A list of callers is no protection, since a caller number is whatever the sender writes.',
  fix: 'Give the trunk a username and a password, or the addresses of your SBCs in allowed_addresses.',
  *find({ trunks }, { sbcAddresses, strictAddresses }) {
    for (const trunk of trunks) {
      const list = readAddresses(trunk.allowed_addresses, strictAddresses);
      if (!list.isOpen || (trunk.auth_username !== '' && trunk.has_password)) continue;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        what: describe(trunk),
        fixes: [...sbcFix(trunk, sbcAddresses, list.ignored), credentialsFix(trunk)],
      };
    }
  },
});

function describe(trunk: InboundTrunk): string {
  const to = trunk.numbers.length === 0 ? 'to every number' : `to ${few(trunk.numbers)}`;
  const callers = trunk.allowed_numbers.length === 0 ? '' : `; only the caller must be ${few(trunk.allowed_numbers)}`;
  return `${trunkName(trunk)} takes calls ${to} from every address without a password${callers}.`;
}

function sbcFix(trunk: InboundTrunk, sbcAddresses: readonly string[], ignored: readonly string[]): Fix[] {
  if (sbcAddresses.length === 0) return [];
  const change = { add: sbcAddresses, ...(ignored.length > 0 && { remove: ignored }) };
  const action = `Let only ${few(sbcAddresses)} into ${trunkName(trunk)}, if all its calls come through these SBCs.`;
  return [trunkListFix(trunk, 'allowed_addresses', change, action)];
}
