import type { Fix } from '../../../fixes/fix.ts';
import { trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import { type AddressList, readAddresses, versionsAllowed } from '../../../trunks/allowedAddresses.ts';
import { isCarried } from '../../../trunks/numberEntry.ts';
import type { InboundTrunk } from '../../../trunks/snapshot.ts';
import { credentialsFix } from '../../auditFixes.ts';
import { few, written } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const trunkOpen = defineFinding({
  id: 'trunk_open',
  severity: 'warning',
  title: 'a trunk accepts calls from every address without a password',
  runbook: {
    meaning:
      'LiveKit checks neither the source address nor a password on this trunk. Anyone who can reach the SIP host and dials one of its numbers gets through. A list of callers protects nothing, because the sender chooses the caller number.',
    impact:
      'Your own calls connect, but so do strangers’. They talk to the agents at your cost, and hear what the agents tell callers.',
    diagnosis: [
      '`sipwhy audit` names the trunk. Its allowed_addresses are empty, LiveKit ignores every entry, or blocks such as 0.0.0.0/0 contain every address.',
      'Who sends calls to this trunk? List all of them: Jambonz’s SBCs, other SBCs, carriers.',
    ],
    mitigation: [
      'If all senders have fixed addresses, add them all to allowed_addresses in one change, and remove blocks such as 0.0.0.0/0. From then on, LiveKit drops calls from other addresses.',
      'Otherwise set a username and a password. First put `auth` with both into the dial target of every application that calls the trunk; Jambonz sends them only when LiveKit asks.',
      'Verify that `sipwhy audit` no longer lists the trunk, and that `sipwhy check <number> --caller <caller>` still says that your calls would connect.',
    ],
  },
  fix: 'Add the addresses of all senders to allowed_addresses, or set a username and a password.',
  *find({ trunks }, { sbcAddresses, strictAddresses }) {
    for (const trunk of trunks) {
      yield undefined;
      const list = readAddresses(trunk.allowed_addresses, strictAddresses);
      if (versionsAllowed(list).length === 0 || (trunk.auth_username !== '' && trunk.has_password)) continue;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        describe: () => ({
          what: describe(trunk, list),
          fixes: [...sbcFix(trunk, sbcAddresses), credentialsFix(trunk)],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'a trunk with numbers and nothing else',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'] } } },
      want: { trunk: 'ST_1', what: 'ST_1 accepts calls to +15550100 from every address without a password.' },
    },
    {
      shows: 'a username and no password, and a list of callers',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], auth_username: 'livekit_client', allowed_numbers: ['+15550123'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 accepts calls to +15550100 from every address without a password. It checks only the caller number, against +15550123.',
      },
    },
    {
      shows: 'a default trunk in which LiveKit ignores every address',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.1, 192.0.2.2'] } }, sbcAddresses: ['192.0.2.1'] },
      want: { trunk: 'ST_1', what: 'ST_1 accepts calls to every number from every address without a password.' },
    },
    {
      shows: 'a block that contains every IPv4 address',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['0.0.0.0/0', '192.0.2.1'] } },
        sbcAddresses: ['192.0.2.1'],
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 accepts calls to +15550100 from every IPv4 address without a password: allowed_addresses has 0.0.0.0/0, 192.0.2.1.',
      },
    },
    {
      shows: 'two halves, and a block for IPv6',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['0.0.0.0/1', '128.0.0.0/1', '::/0'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 accepts calls to +15550100 from every address without a password: allowed_addresses has 0.0.0.0/1, 128.0.0.0/1, ::/0.',
      },
    },
    {
      shows: 'a star, which only a call to a star matches',
      configuration: { trunks: { ST_1: { numbers: ['*'] } } },
      want: { trunk: 'ST_1', what: 'ST_1 accepts calls to "*" from every address without a password.' },
    },
    {
      shows: 'one half of all addresses',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['0.0.0.0/1'] } } },
    },
    {
      shows: 'every address, and a username and a password',
      configuration: {
        trunks: {
          ST_1: {
            numbers: ['+15550100'],
            allowed_addresses: ['0.0.0.0/0'],
            auth_username: 'livekit_client',
            auth_password: 'secret',
          },
        },
      },
    },
    {
      shows: 'an address list',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] } } },
    },
    {
      shows: 'a username and a password',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], auth_username: 'livekit_client', auth_password: 'secret' } },
      },
    },
    {
      shows: 'LiveKit ignores every address, and compares strictly, so it admits none',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1;'] } },
        strictAddresses: true,
      },
    },
  ],
});

function describe(trunk: InboundTrunk, list: AddressList): string {
  const to = trunk.numbers.length === 0 ? 'every number' : few(trunk.numbers.map(asText));
  const callers = trunk.allowed_numbers;
  const checked =
    callers.length === 0 ? '' : ` It checks only the caller number, against ${few(callers.map(written))}.`;
  const [version, other] = versionsAllowed(list);
  const from = other ? 'every address' : `every ${version} address`;
  const by = list.isOpen ? '' : `: allowed_addresses has ${few(trunk.allowed_addresses.map(written))}`;
  return `${trunkName(trunk)} accepts calls to ${to} from ${from} without a password${by}.${checked}`;
}

/** In quotes, where only a call to exactly this text would match. */
function asText(number: string): string {
  return isCarried(number) ? number : JSON.stringify(number);
}

function sbcFix(trunk: InboundTrunk, sbcAddresses: readonly string[]): Fix[] {
  if (sbcAddresses.length === 0) return [];
  const others = trunk.allowed_addresses.filter((entry) => !sbcAddresses.includes(entry));
  const change = { add: sbcAddresses, ...(others.length > 0 && { remove: others }) };
  const action = `Allow only ${few(sbcAddresses)} in allowed_addresses of ${trunkName(trunk)}, if all its calls come from these SBCs.`;
  return [trunkListFix(trunk, 'allowed_addresses', change, action)];
}
