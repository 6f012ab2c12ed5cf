import { trunkName } from '../../../fixes/fix.ts';
import { readAddresses } from '../../../trunks/allowedAddresses.ts';
import { quoted, rewriteAddresses } from '../../auditFixes.ts';
import { defineFinding } from '../../finding.ts';

export const allowedAddressIsHostName = defineFinding({
  id: 'allowed_address_is_host_name',
  severity: 'warning',
  title: 'an entry of allowed_addresses is no IP address',
  why:
    'LiveKit never resolves a name in allowed_addresses. By default it compares the entry with the host of the From header, ' +
    'which any sender can write as it likes, so that the name is no protection; where addresses are compared strictly, ' +
    'the entry matches nothing.',
  fix: 'Write the IP addresses or CIDR blocks of the senders.',
  *find({ trunks }, { strictAddresses }) {
    for (const trunk of trunks) {
      const { hosts } = readAddresses(trunk.allowed_addresses, strictAddresses);
      if (hosts.length === 0) continue;
      const effect = strictAddresses
        ? 'which matches no address'
        : 'which lets in whoever writes it as the host of the From header';
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        what: `${trunkName(trunk)} has ${quoted(hosts)} in allowed_addresses, ${effect}.`,
        fixes: [rewriteAddresses(trunk, hosts)],
      };
    }
  },
});
