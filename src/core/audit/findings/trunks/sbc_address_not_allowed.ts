import { trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import { compareSources, readAddresses } from '../../../trunks/allowedAddresses.ts';
import { few, fewOf, written } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const sbcAddressNotAllowed = defineFinding({
  id: 'sbc_address_not_allowed',
  severity: 'warning',
  title: 'a trunk does not admit every SBC of Jambonz',
  runbook: {
    meaning:
      'JAMBONZ_SBC_ADDRESSES names an SBC that is not in the trunk’s allowed_addresses. LiveKit drops the calls that this SBC sends to the trunk.',
    impact:
      'Calls from this SBC get one 180 and then silence, or a 404 from newer builds. With several SBCs only some calls fail, so the failures can look random. If Jambonz does not call this trunk, no call is affected.',
    diagnosis: [
      '`sipwhy audit` prints the trunk’s list and the SBCs that are missing from it.',
      'Does Jambonz call this trunk? A trunk for another sender doesn’t need the SBCs.',
      'Is JAMBONZ_SBC_ADDRESSES right? jambonz.cloud documents its addresses. A self-hosted system lists its SBCs at `GET /v1/Sbcs` of its API.',
    ],
    mitigation: [
      'Add the missing addresses to allowed_addresses, and keep the existing entries. `sipwhy audit` prints the change to paste.',
      '`lk sip inbound update` has no flag for this list. With a file it replaces the whole trunk: everything missing from the file is lost, including the password. The curl command that `sipwhy audit` prints changes only this list.',
      'Verify that `sipwhy audit` no longer lists the trunk, and that `sipwhy check <number> --caller <caller> --source <SBC address>` says that the call would connect.',
    ],
  },
  fix: 'Add the addresses of all SBCs to allowed_addresses, if Jambonz calls this trunk.',
  *find({ trunks }, { sbcAddresses, strictAddresses }) {
    for (const trunk of trunks) {
      yield undefined;
      const list = trunk.allowed_addresses;
      const read = readAddresses(list, strictAddresses);
      const { prefixes, hosts } = read;
      // allowed_addresses_all_ignored reports a list in which nothing counts.
      if (prefixes.length === 0 && (strictAddresses || hosts.length === 0)) continue;
      const { missing, others } = compareSources(read, sbcAddresses);
      if (missing.length === 0) continue;
      const foreign =
        others.length === 0
          ? ''
          : ` LiveKit sees the SBC’s address, not that of whoever sends the call to Jambonz, such as a carrier; ${fewOf(others, written)} ${others.length === 1 ? 'isn’t the address of an SBC' : 'aren’t addresses of SBCs'}.`;
      const host = strictAddresses || hosts.length === 0 ? '' : `, unless the From header has the host ${few(hosts)}`;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        describe: () => ({
          what: `${trunkName(trunk)} allows ${fewOf(list, written)}. LiveKit drops calls from the SBC ${few(missing)}${host}.${foreign}`,
          fixes: [
            trunkListFix(
              trunk,
              'allowed_addresses',
              { add: missing },
              `Add ${few(missing)} to allowed_addresses of ${trunkName(trunk)}, if Jambonz calls this trunk.`,
            ),
          ],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'one of two SBCs is missing',
      configuration: {
        trunks: { ST_1: { allowed_addresses: ['192.0.2.1'] } },
        sbcAddresses: ['192.0.2.1', '192.0.2.2'],
      },
      want: { trunk: 'ST_1', what: 'ST_1 allows 192.0.2.1. LiveKit drops calls from the SBC 192.0.2.2.' },
    },
    {
      shows: 'a host name may still admit the SBC',
      configuration: {
        trunks: { ST_1: { allowed_addresses: ['192.0.2.1', 'sbc.example.com'] } },
        sbcAddresses: ['192.0.2.2'],
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 allows 192.0.2.1, sbc.example.com. LiveKit drops calls from the SBC 192.0.2.2, unless the From header has the host sbc.example.com. LiveKit sees the SBC’s address, not that of whoever sends the call to Jambonz, such as a carrier; 192.0.2.1 isn’t the address of an SBC.',
      },
    },
    {
      shows: 'a block that ends before the SBC, where LiveKit compares strictly',
      configuration: {
        trunks: { ST_1: { allowed_addresses: ['192.0.2.0/25', 'sbc.example.com'] } },
        sbcAddresses: ['192.0.2.128'],
        strictAddresses: true,
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 allows 192.0.2.0/25, sbc.example.com. LiveKit drops calls from the SBC 192.0.2.128. LiveKit sees the SBC’s address, not that of whoever sends the call to Jambonz, such as a carrier; 192.0.2.0/25 isn’t the address of an SBC.',
      },
    },
    {
      shows: 'a block that contains all SBCs',
      configuration: {
        trunks: { ST_1: { allowed_addresses: ['192.0.2.0/25'] } },
        sbcAddresses: ['192.0.2.0', '192.0.2.127'],
      },
    },
    {
      shows: 'JAMBONZ_SBC_ADDRESSES is not set',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.1'] } } },
    },
    {
      shows: 'a trunk without a list admits every SBC',
      configuration: { trunks: { ST_1: {} }, sbcAddresses: ['192.0.2.1'] },
    },
    {
      shows: 'LiveKit ignores every entry, which allowed_addresses_all_ignored reports',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.9;'] } }, sbcAddresses: ['192.0.2.1'] },
    },
    {
      shows: 'only a host name, which does not count where LiveKit compares strictly',
      configuration: {
        trunks: { ST_1: { allowed_addresses: ['sbc.example.com'] } },
        sbcAddresses: ['192.0.2.1'],
        strictAddresses: true,
      },
    },
    {
      shows: 'an IPv4-mapped SBC, which a strict comparison unmaps',
      configuration: {
        trunks: { ST_1: { allowed_addresses: ['192.0.2.1'] } },
        sbcAddresses: ['::ffff:192.0.2.1'],
        strictAddresses: true,
      },
    },
  ],
});
