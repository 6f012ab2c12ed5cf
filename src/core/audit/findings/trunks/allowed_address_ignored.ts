import { trunkName } from '../../../fixes/fix.ts';
import { readAddresses } from '../../../trunks/allowedAddresses.ts';
import { quoted, rewriteAddresses } from '../../auditFixes.ts';
import { defineFinding } from '../../finding.ts';

export const allowedAddressIgnored = defineFinding({
  id: 'allowed_address_ignored',
  severity: 'warning',
  title: 'LiveKit ignores an entry of allowed_addresses',
  runbook: {
    meaning:
      'LiveKit ignores an entry that contains a space, a comma, a semicolon, parentheses, a star, a plus or ://. Where it compares addresses strictly, it also ignores square brackets and IPv4-mapped addresses. The other entries still count, so calls from the addresses in this entry are dropped.',
    impact:
      'Calls from the addresses in this entry get one 180 and then silence, or a 404 from newer builds. Calls from the other addresses connect, so the failures can look random.',
    diagnosis: [
      '`sipwhy audit` prints the entry in quotes, so that spaces and commas are visible.',
      'Which addresses should the entry allow? It often contains several addresses, or a SIP URI.',
    ],
    mitigation: [
      'Write one IP address or CIDR block per entry, and remove the ignored entry. Where the entry names addresses, `sipwhy audit` prints the change to paste.',
      '`lk sip inbound update` has no flag for this list. With a file it replaces the whole trunk: everything missing from the file is lost, including the password. The curl command that `sipwhy audit` prints changes only this list.',
      'Verify that `sipwhy audit` no longer lists the trunk, and that `sipwhy check <number> --caller <caller> --source <address>` says that the call would connect.',
    ],
  },
  fix: 'Write one IP address or CIDR block per entry.',
  *find({ trunks }, { strictAddresses }) {
    for (const trunk of trunks) {
      yield undefined;
      const { isOpen, ignored, prefixes, hosts } = readAddresses(trunk.allowed_addresses, strictAddresses);
      const othersCount = prefixes.length > 0 || (!strictAddresses && hosts.length > 0);
      if (isOpen || ignored.length === 0 || !othersCount) continue;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        describe: () => ({
          what: `LiveKit ignores ${quoted(ignored)} in allowed_addresses of ${trunkName(trunk)}.`,
          fixes: rewriteAddresses(trunk, ignored),
        }),
      };
    }
  },
  examples: [
    {
      shows: 'an entry with a comma, beside one that counts',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.1', '192.0.2.2,192.0.2.3'] } } },
      want: { trunk: 'ST_1', what: 'LiveKit ignores "192.0.2.2,192.0.2.3" in allowed_addresses of ST_1.' },
    },
    {
      shows: 'a space at the end of an entry',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.1', '192.0.2.2 '] } } },
      want: { trunk: 'ST_1', what: 'LiveKit ignores "192.0.2.2 " in allowed_addresses of ST_1.' },
    },
    {
      shows: 'an ignored entry beside a host name, which counts',
      configuration: { trunks: { ST_1: { allowed_addresses: ['sbc.example.com', '192.0.2.2;'] } } },
      want: { trunk: 'ST_1', what: 'LiveKit ignores "192.0.2.2;" in allowed_addresses of ST_1.' },
    },
    {
      shows: 'an IPv4-mapped address, where LiveKit compares strictly',
      configuration: {
        trunks: { ST_1: { allowed_addresses: ['192.0.2.1', '::ffff:192.0.2.2'] } },
        strictAddresses: true,
      },
      want: { trunk: 'ST_1', what: 'LiveKit ignores "::ffff:192.0.2.2" in allowed_addresses of ST_1.' },
    },
    {
      shows: 'every entry is ignored, which allowed_addresses_all_ignored reports',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.2,192.0.2.3'] } } },
    },
    {
      shows: 'every entry is ignored, where LiveKit compares strictly',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.2,192.0.2.3'] } }, strictAddresses: true },
    },
    {
      shows: 'an ignored entry beside a host name, which matches nothing where LiveKit compares strictly',
      configuration: {
        trunks: { ST_1: { allowed_addresses: ['sbc.example.com', '192.0.2.2;'] } },
        strictAddresses: true,
      },
    },
    {
      shows: 'an IPv4-mapped address counts by default',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.1', '::ffff:192.0.2.2'] } } },
    },
    {
      shows: 'every entry counts',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.1', '[2001:db8::1]', '198.51.100.0/24'] } } },
    },
  ],
});
