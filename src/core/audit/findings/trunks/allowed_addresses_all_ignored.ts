import { trunkName } from '../../../fixes/fix.ts';
import { readAddresses } from '../../../trunks/allowedAddresses.ts';
import { quoted, rewriteAddresses } from '../../auditFixes.ts';
import { defineFinding } from '../../finding.ts';

export const allowedAddressesAllIgnored = defineFinding({
  id: 'allowed_addresses_all_ignored',
  severity: 'critical',
  title: 'LiveKit ignores every entry of allowed_addresses',
  runbook: {
    meaning:
      'LiveKit can’t read any entry of the list as an address. By default it then admits every address, although the trunk looks protected. Where LiveKit compares addresses strictly, it admits no address.',
    impact:
      'By default, strangers get in, unless the trunk has a username and a password. Where LiveKit compares strictly, every call to the trunk gets one 180 and then silence.',
    diagnosis: [
      '`sipwhy audit` prints the entries in quotes. LiveKit ignores an entry that contains a space, a comma, a semicolon, parentheses, a star, a plus or ://.',
      'Which addresses send calls to this trunk? List all of them: senders that are not in the corrected list are dropped.',
    ],
    mitigation: [
      'Write one IP address or CIDR block per entry, and remove the ignored entries. Where they name addresses, `sipwhy audit` prints the change to paste.',
      'Never empty the list instead: an empty list admits every address.',
      'Verify that `sipwhy audit` no longer lists the trunk, and that `sipwhy check <number> --caller <caller> --source <address>` says for each sender that the call would connect.',
    ],
  },
  fix: 'Write one IP address or CIDR block per entry.',
  *find({ trunks }, { strictAddresses }) {
    for (const trunk of trunks) {
      yield undefined;
      const entries = trunk.allowed_addresses;
      const list = readAddresses(entries, strictAddresses);
      const counts = list.prefixes.length > 0 || (!strictAddresses && list.hosts.length > 0);
      if (entries.length === 0 || counts) continue;
      const effect = strictAddresses ? 'admits no address' : 'admits every address';
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        describe: () => ({
          what: `LiveKit can’t read an address in ${quoted(entries)}, the allowed_addresses of ${trunkName(trunk)}, so it ${effect}.`,
          fixes: rewriteAddresses(trunk, entries),
        }),
      };
    }
  },
  examples: [
    {
      shows: 'two addresses in one entry',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.1, 192.0.2.2'] } } },
      want: {
        trunk: 'ST_1',
        what: 'LiveKit can’t read an address in "192.0.2.1, 192.0.2.2", the allowed_addresses of ST_1, so it admits every address.',
      },
    },
    {
      shows: 'a URI, and a star for the last part of an address',
      configuration: { trunks: { ST_1: { allowed_addresses: ['sip://192.0.2.1', '198.51.100.*'] } } },
      want: {
        trunk: 'ST_1',
        what: 'LiveKit can’t read an address in "sip://192.0.2.1", "198.51.100.*", the allowed_addresses of ST_1, so it admits every address.',
      },
    },
    {
      shows: 'a host name alone, where LiveKit compares strictly',
      configuration: { trunks: { ST_1: { allowed_addresses: ['sbc.example.com'] } }, strictAddresses: true },
      want: {
        trunk: 'ST_1',
        what: 'LiveKit can’t read an address in "sbc.example.com", the allowed_addresses of ST_1, so it admits no address.',
      },
    },
    {
      shows: 'one entry of two counts',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.1, 192.0.2.2', '192.0.2.1'] } } },
    },
    {
      shows: 'one entry of two counts, where LiveKit compares strictly',
      configuration: {
        trunks: { ST_1: { allowed_addresses: ['sbc.example.com', '192.0.2.1'] } },
        strictAddresses: true,
      },
    },
    {
      shows: 'an empty list, which says openly that every address gets in',
      configuration: { trunks: { ST_1: { allowed_addresses: [] } } },
    },
    {
      shows: 'a host name counts by default: LiveKit compares it with the From header',
      configuration: { trunks: { ST_1: { allowed_addresses: ['sbc.example.com', '192.0.2.*'] } } },
    },
  ],
});
