import { ruleName, trunkName } from '../../../fixes/fix.ts';
import { arrivalOf } from '../../../fixes/landing.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import { compareSources, readAddresses } from '../../../trunks/allowedAddresses.ts';
import type { InboundTrunk, Snapshot } from '../../../trunks/snapshot.ts';
import { few, fewOf, written } from '../../few.ts';
import { type AuditContext, defineFinding } from '../../finding.ts';
import { callsTo, sendersTo } from '../../sbcCalls.ts';

export const sbcAddressNotAllowed = defineFinding({
  id: 'sbc_address_not_allowed',
  severity: 'warning',
  title: 'a trunk does not admit every SBC of Jambonz',
  runbook: {
    meaning:
      'JAMBONZ_SBC_ADDRESSES names an SBC that is not in the trunk’s allowed_addresses. The calls that this SBC sends to the trunk don’t match it. LiveKit drops them, unless another trunk or a dispatch rule without trunk_ids takes them.',
    impact:
      'Dropped calls get one 180 and then silence, or a 404 from newer builds. Calls that only a rule without trunk_ids takes connect, but neither the password nor the settings of the trunk apply to them, and they stop when the rule is bound to trunks. With several SBCs only some calls fail, so the failures can look random. If Jambonz does not call this trunk, no call is affected.',
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
  *find(snapshot, context) {
    const { sbcAddresses, strictAddresses } = context;
    for (const trunk of snapshot.trunks) {
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
          what: `${trunkName(trunk)} allows ${fewOf(list, written)}. ${fateOf(trunk, missing, host, { snapshot, context })}${foreign}`,
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
      shows: 'a rule without trunk_ids takes the calls past the trunk',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] } },
        rules: { SDR_1: {} },
        sbcAddresses: ['192.0.2.2'],
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 allows 192.0.2.1. Calls from the SBC 192.0.2.2 don’t match it. They get in past it, by SDR_1 only, so neither its password nor its settings apply. LiveKit sees the SBC’s address, not that of whoever sends the call to Jambonz, such as a carrier; 192.0.2.1 isn’t the address of an SBC.',
      },
    },
    {
      shows: 'a rule without trunk_ids takes some of the calls past the trunk',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100', '+15550101'], allowed_addresses: ['192.0.2.1'] } },
        rules: { SDR_1: { numbers: ['+15550101'] } },
        sbcAddresses: ['192.0.2.1', '192.0.2.2'],
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 allows 192.0.2.1. LiveKit drops calls from the SBC 192.0.2.2, except those that SDR_1 takes past the trunk, to which neither its password nor its settings apply.',
      },
    },
    {
      shows: 'another trunk takes the calls',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] }, ST_2: {} },
        rules: { SDR_1: { trunk_ids: ['ST_1', 'ST_2'] } },
        sbcAddresses: ['192.0.2.1', '192.0.2.2'],
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 allows 192.0.2.1. Calls from the SBC 192.0.2.2 match ST_2 instead, with its password and settings.',
      },
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

/** What becomes of the calls that the missing SBCs send to the trunk, by the match. */
function fateOf(
  trunk: InboundTrunk,
  missing: readonly string[],
  host: string,
  { snapshot, context }: { readonly snapshot: Snapshot; readonly context: AuditContext },
): string {
  const { strictAddresses } = context;
  const senders = sendersTo(trunk, { sbcAddresses: missing, strictAddresses });
  const arrivals = callsTo(trunk, senders, snapshot.ruleIndex.wildcards).map((call) =>
    arrivalOf(snapshot, call, strictAddresses),
  );
  const sbc = few(missing);
  const others = [...new Set(arrivals.flatMap((one) => (one.kind === 'admitted' ? trunkName(one.trunk) : [])))];
  const rules = [...new Set(arrivals.flatMap((one) => (one.kind === 'past_trunks' ? ruleName(one.rule) : [])))];
  const isDropped = arrivals.some(({ kind }) => kind !== 'admitted' && kind !== 'past_trunks');
  const takers = [
    ...(rules.length > 0
      ? [`${few(rules)} takes past the trunk, to which neither its password nor its settings apply`]
      : []),
    ...(others.length > 0 ? [`match ${few(others)} instead`] : []),
  ];
  if (isDropped) {
    const except = takers.length === 0 ? '' : `, except those that ${takers.join(', and those that ')}`;
    return `LiveKit drops calls from the SBC ${sbc}${host}${except}.`;
  }
  if (rules.length === 0)
    return `Calls from the SBC ${sbc} match ${few(others)} instead, with its password and settings${host}.`;
  const way =
    others.length === 0
      ? `get in past it, by ${few(rules)} only`
      : `match ${few(others)}, or get in past all trunks by ${few(rules)}`;
  return `Calls from the SBC ${sbc} don’t match it${host}. They ${way}, so neither its password nor its settings apply.`;
}
