import { trunkName } from '../../../fixes/fix.ts';
import { readAddresses } from '../../../trunks/allowedAddresses.ts';
import { quoted, rewriteAddresses } from '../../auditFixes.ts';
import { defineFinding } from '../../finding.ts';

export const allowedAddressIgnored = defineFinding({
  id: 'allowed_address_ignored',
  severity: 'warning',
  title: 'an entry of allowed_addresses is ignored',
  why:
    'LiveKit ignores entries with blanks, commas, semicolons, brackets, a star or a scheme. Calls from the addresses that ' +
    'such an entry was meant to allow are dropped in silence, because the other entries still count.',
  fix: 'Write one IP address or CIDR block in each entry.',
  *find({ trunks }, { strictAddresses }) {
    for (const trunk of trunks) {
      const { isOpen, ignored, prefixes, hosts } = readAddresses(trunk.allowed_addresses, strictAddresses);
      const othersCount = prefixes.length > 0 || (!strictAddresses && hosts.length > 0);
      if (isOpen || ignored.length === 0 || !othersCount) continue;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        what: `${trunkName(trunk)} has ${quoted(ignored)} in allowed_addresses, which LiveKit ignores.`,
        fixes: [rewriteAddresses(trunk, ignored)],
      };
    }
  },
});
