import { trunkName } from '../../../fixes/fix.ts';
import { readAddresses } from '../../../trunks/allowedAddresses.ts';
import { quoted, rewriteAddresses } from '../../auditFixes.ts';
import { defineFinding } from '../../finding.ts';

export const allowedAddressesAllIgnored = defineFinding({
  id: 'allowed_addresses_all_ignored',
  severity: 'critical',
  title: 'no entry of allowed_addresses counts',
  why:
    'LiveKit ignores entries with blanks, commas, semicolons, brackets, a star or a scheme. Where none is left, the default ' +
    'way of comparing lets every address in, though the trunk looks protected; the strict way lets none in, and every ' +
    'call is dropped in silence.',
  fix: 'Write one IP address or CIDR block in each entry.',
  *find({ trunks }, { strictAddresses }) {
    for (const trunk of trunks) {
      const entries = trunk.allowed_addresses;
      const list = readAddresses(entries, strictAddresses);
      const counts = list.prefixes.length > 0 || (!strictAddresses && list.hosts.length > 0);
      if (entries.length === 0 || counts) continue;
      const effect = strictAddresses ? 'no address gets in' : 'every address gets in';
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        what: `${trunkName(trunk)} allows ${quoted(entries)}, and LiveKit reads none of it as an address: ${effect}.`,
        fixes: [rewriteAddresses(trunk, entries)],
      };
    }
  },
});
