import { trunkName } from '../../../fixes/fix.ts';
import { readAddresses } from '../../../trunks/allowedAddresses.ts';
import { quoted, rewriteAddresses } from '../../auditFixes.ts';
import { defineFinding } from '../../finding.ts';

export const allowedAddressIsHostName = defineFinding({
  id: 'allowed_address_is_host_name',
  severity: 'warning',
  title: 'an entry of allowed_addresses is not an IP address',
  runbook: {
    meaning:
      'LiveKit does not resolve host names in allowed_addresses. By default it compares the entry with the host of the From header, which the sender chooses, so the entry protects nothing. Where LiveKit compares addresses strictly, the entry matches no call.',
    impact:
      'By default, anyone who puts this host in the From header gets in, from any address. LiveKit drops calls from the host’s real addresses unless they have this From host, or another entry allows them.',
    diagnosis: [
      '`sipwhy audit` names the trunk and the entry. An address with a port, or a CIDR block with an impossible length, also counts as a host name.',
      'Which addresses send the calls? Ask the provider: a DNS lookup may not return all of them.',
    ],
    mitigation: [
      'First add the senders’ IP addresses or CIDR blocks to allowed_addresses. Where the entry contains an address, `sipwhy audit` prints the change to paste.',
      'Then remove the host name. From then on, calls that got in only by their From host fail.',
      'Verify that `sipwhy audit` no longer lists the trunk, and that `sipwhy check <number> --caller <caller> --source <address>` says that the call would connect.',
    ],
  },
  fix: 'Write the senders’ IP addresses or CIDR blocks.',
  *find({ trunks }, { strictAddresses }) {
    for (const trunk of trunks) {
      yield undefined;
      const { hosts } = readAddresses(trunk.allowed_addresses, strictAddresses);
      if (hosts.length === 0) continue;
      const place = `${quoted(hosts)} in allowed_addresses of ${trunkName(trunk)}`;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        describe: () => ({
          what: strictAddresses
            ? `LiveKit matches no address with ${place}.`
            : `LiveKit compares ${place} with the host of the From header, which any sender can choose.`,
          fixes: rewriteAddresses(trunk, hosts),
        }),
      };
    }
  },
  examples: [
    {
      shows: 'a host name',
      configuration: { trunks: { ST_1: { allowed_addresses: ['sbc.example.com'] } } },
      want: {
        trunk: 'ST_1',
        what: 'LiveKit compares "sbc.example.com" in allowed_addresses of ST_1 with the host of the From header, which any sender can choose.',
      },
    },
    {
      shows: 'an address with a port',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.1:5060'] } } },
      want: {
        trunk: 'ST_1',
        what: 'LiveKit compares "192.0.2.1:5060" in allowed_addresses of ST_1 with the host of the From header, which any sender can choose.',
      },
    },
    {
      shows: 'a block with an impossible length',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.0/33'] } } },
      want: {
        trunk: 'ST_1',
        what: 'LiveKit compares "192.0.2.0/33" in allowed_addresses of ST_1 with the host of the From header, which any sender can choose.',
      },
    },
    {
      shows: 'a host name, where LiveKit compares strictly',
      configuration: {
        trunks: { ST_1: { allowed_addresses: ['192.0.2.1', 'sbc.example.com'] } },
        strictAddresses: true,
      },
      want: { trunk: 'ST_1', what: 'LiveKit matches no address with "sbc.example.com" in allowed_addresses of ST_1.' },
    },
    {
      shows: 'addresses and blocks',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.1', '198.51.100.0/24', '[2001:db8::1]'] } } },
    },
    {
      shows: 'a host name in an entry that LiveKit ignores',
      configuration: { trunks: { ST_1: { allowed_addresses: ['sbc.example.com, 192.0.2.1'] } } },
    },
  ],
});
