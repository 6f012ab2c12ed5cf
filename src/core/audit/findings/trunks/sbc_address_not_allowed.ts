import { trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import { allows, readAddresses, readSource } from '../../../trunks/allowedAddresses.ts';
import { few, fewOf, written } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const sbcAddressNotAllowed = defineFinding({
  id: 'sbc_address_not_allowed',
  severity: 'warning',
  title: 'a trunk does not let all of Jambonz’s SBCs in',
  why:
    'A call from an SBC that is not in allowed_addresses gets 180 once and then silence. With several SBCs only some of the ' +
    'calls fail, which looks like chance.',
  fix: 'Add the addresses of all SBCs to allowed_addresses, unless the trunk is not for Jambonz.',
  *find({ trunks }, { sbcAddresses, strictAddresses }) {
    for (const trunk of trunks) {
      const list = trunk.allowed_addresses;
      const read = readAddresses(list, strictAddresses);
      const { prefixes, hosts } = read;
      // A list in which nothing counts is a finding of its own.
      if (prefixes.length === 0 && (strictAddresses || hosts.length === 0)) continue;
      const missing = sbcAddresses.filter((address) => !allows(read, readSource(address, strictAddresses), ''));
      if (missing.length === 0) continue;
      const host = strictAddresses || hosts.length === 0 ? '' : `, unless the host of the From header is ${few(hosts)}`;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        what: `${trunkName(trunk)} allows ${fewOf(list, written)}: calls from the SBC ${few(missing)} are dropped${host}.`,
        fixes: [
          trunkListFix(
            trunk,
            'allowed_addresses',
            { add: missing },
            `Add ${few(missing)} to allowed_addresses of ${trunkName(trunk)}.`,
          ),
        ],
      };
    }
  },
});
