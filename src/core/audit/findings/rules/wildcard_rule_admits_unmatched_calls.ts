import { type Fix, plainFix, ruleName, trunkName } from '../../../fixes/fix.ts';
import { deleteRule, setTrunks } from '../../../fixes/ruleFix.ts';
import { readAddresses } from '../../../trunks/allowedAddresses.ts';
import { canTake } from '../../../trunks/judge/ruleGroup.ts';
import { isCarried } from '../../../trunks/numberEntry.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../../../trunks/snapshot.ts';
import { wouldConflict } from '../../auditFixes.ts';
import { few, fewOf, roomName } from '../../few.ts';
import { type AuditContext, defineFinding } from '../../finding.ts';
import { mayGoUnmatched } from '../../goesUnmatched.ts';
import { keepCalls } from '../../keepCalls.ts';

/** More trunks than anybody wants to paste. */
const MOST_TRUNKS = 20;
/** Of more trunks than these that accept a rule's numbers, the first are found faster among all trunks. */
const MOST_SORTED = 500;

export const wildcardRuleAdmitsUnmatchedCalls = defineFinding({
  id: 'wildcard_rule_admits_unmatched_calls',
  severity: 'critical',
  title: 'a dispatch rule without trunk_ids admits calls that no trunk matched',
  runbook: {
    meaning:
      'If no trunk matches a call, LiveKit still looks for a dispatch rule without trunk_ids, and accepts the call if it finds one. The call bypasses allowed_addresses, allowed_numbers and the password of every trunk.',
    impact:
      'Anyone who can reach the SIP host gets through to the agents, at your cost. Calls that a trunk should refuse connect, so faults in the trunks stay hidden.',
    diagnosis: [
      '`sipwhy audit` names the rule, and the trunks that need it.',
      'Do wanted calls come in this way? For these, `sipwhy explain CALL_SID` ends with "Findings: wildcard_rule_admits_unmatched_calls".',
    ],
    mitigation: [
      'If wanted calls come in this way, first correct the trunk that should match them. Once the rule is bound to trunks, LiveKit refuses calls that match none.',
      'Bind the rule to every trunk that needs it: `lk sip dispatch update --id SDR_… --trunks ST_… --trunks ST_…`.',
      'Delete the rule only if other rules accept all calls of every trunk.',
      'Verify that `sipwhy audit` no longer lists the rule or a trunk without a rule, and that `sipwhy check <number> --caller <caller>` still says that your calls would connect.',
    ],
  },
  fix: 'Bind the rule to the trunks that need it.',
  *find(snapshot, context) {
    for (const rule of snapshot.ruleIndex.wildcards) {
      yield undefined;
      // LiveKit may refuse a rule of a kind that is unknown here.
      if (rule.kind === undefined || !mayGoUnmatched(snapshot, rule, context.strictAddresses)) continue;
      yield {
        trunks: [],
        rules: [rule.sip_dispatch_rule_id],
        describe: () => ({ what: describe(rule), fixes: fixesFor(rule, snapshot, context) }),
      };
    }
  },
  examples: [
    {
      shows: 'a rule without trunk_ids beside a protected trunk',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] } },
        rules: { SDR_1: {} },
      },
      want: {
        trunk: 'none',
        what: 'SDR_1 has no trunk_ids. It admits calls that no trunk matched, to any number, from any caller and any address, into a room of its own, "call-_…".',
      },
    },
    {
      shows: 'a rule without trunk_ids for one number and one caller, with a pin',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] } },
        rules: {
          SDR_1: {
            numbers: ['+15550100'],
            inbound_numbers: ['+15550123'],
            rule: { dispatch_rule_direct: { room_name: 'lobby', pin: '4711' } },
          },
        },
      },
      want: {
        trunk: 'none',
        what: 'SDR_1 has no trunk_ids. It admits calls that no trunk matched, to +15550100, from any address that gives +15550123 as the caller, into the room "lobby" after the pin.',
      },
    },
    {
      shows: 'a rule without trunk_ids, and no trunk at all',
      configuration: { rules: { SDR_1: { rule: { dispatch_rule_callee: {} } } } },
      want: {
        trunk: 'none',
        what: 'SDR_1 has no trunk_ids. It admits calls that no trunk matched, to any number, from any caller and any address, into the room named after the called number.',
      },
    },
    {
      shows: 'a default trunk that admits only some addresses',
      configuration: { trunks: { ST_1: { allowed_addresses: ['192.0.2.1'] } }, rules: { SDR_1: {} } },
      want: {
        trunk: 'none',
        what: 'SDR_1 has no trunk_ids. It admits calls that no trunk matched, to any number, from any caller and any address, into a room of its own, "call-_…".',
      },
    },
    {
      shows: 'a default trunk that takes every call, so none goes unmatched',
      configuration: {
        trunks: { ST_1: { auth_username: 'livekit_client', auth_password: 'secret' } },
        rules: { SDR_1: {} },
      },
    },
    {
      shows: 'a rule for one number, all calls to which match the trunk',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { numbers: ['+15550100'] } },
      },
    },
    {
      shows: 'a rule that is bound to the trunk',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'] } },
      },
    },
    {
      shows: 'a rule that is bound to a trunk that does not exist',
      configuration: { rules: { SDR_1: { trunk_ids: ['ST_old'] } } },
    },
    {
      shows: 'a rule of a kind that sipwhy does not know, which LiveKit may refuse',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'] } }, rules: { SDR_1: { rule: {} } } },
    },
  ],
});

function describe(rule: DispatchRule): string {
  const { numbers, inbound_numbers: callers } = rule;
  const to = numbers.length === 0 ? 'any number' : few(numbers);
  const from =
    callers.length === 0 ? 'any caller and any address' : `any address that gives ${few(callers)} as the caller`;
  const pin = rule.pin === '' ? '' : ' after the pin';
  return `${ruleName(rule)} has no trunk_ids. It admits calls that no trunk matched, to ${to}, from ${from}, into ${roomName(rule)}${pin}.`;
}

function fixesFor(rule: DispatchRule, snapshot: Snapshot, context: AuditContext): Fix[] {
  const name = ruleName(rule);
  if (snapshot.trunks.length === 0) return [plainFix(`Create an inbound trunk, and bind ${name} to it.`)];
  const needing: InboundTrunk[] = [];
  const candidates = candidatesFor(rule, snapshot);
  for (const trunk of candidates) {
    if (needs(trunk, rule, snapshot)) needing.push(trunk);
    if (needing.length > MOST_TRUNKS) break;
  }
  if (needing.length > MOST_TRUNKS) {
    const some = needing.slice(0, 5).map(trunkName).join(', ');
    return [plainFix(`Bind ${name} to the trunks that need it: ${some} and others.`)];
  }
  const conflicting = needing.filter(({ sip_trunk_id }) => wouldConflict(snapshot, rule, sip_trunk_id));
  if (conflicting.length > 0) {
    const action = `Remove from ${name} the numbers and callers that would conflict on ${fewOf(conflicting, trunkName)}. Then bind it to ${fewOf(needing, trunkName)}.`;
    return [plainFix(action)];
  }
  const [first, ...others] = needing.map(({ sip_trunk_id }) => sip_trunk_id);
  if (first === undefined) {
    const deletion = deleteRule(rule, ': no trunk needs it, because other rules accept all calls');
    const meant = candidates.filter((trunk) => canTake(rule, trunk)).slice(0, MOST_TRUNKS);
    return keepCalls(deletion, rule, meant, { snapshot, context });
  }
  const doubt = doubtOf(needing, context);
  const binding = setTrunks(rule, [first, ...others], `Bind ${name} to ${needing.map(trunkName).join(', ')}.${doubt}`);
  return keepCalls(binding, rule, needing, { snapshot, context });
}

/** The trunks that may take calls of the rule. If none lists its numbers, one may mean them by what no call carries. */
function candidatesFor({ numbers }: DispatchRule, { trunkIndex, trunks }: Snapshot): readonly InboundTrunk[] {
  const accepting = numbers.length > 0 ? trunkIndex.accepting(numbers, MOST_SORTED) : undefined;
  return accepting && accepting.length > 0 ? accepting : trunks;
}

/** What can't be told of the trunks while no SBC is known. */
function doubtOf(trunks: readonly InboundTrunk[], { sbcAddresses, strictAddresses }: AuditContext): string {
  const limited = trunks.filter(({ allowed_addresses: list }) => !readAddresses(list, strictAddresses).isOpen);
  if (sbcAddresses.length > 0 || limited.length === 0) return '';
  return ` Calls from addresses that ${fewOf(limited, trunkName)} ${limited.length === 1 ? 'doesn’t' : 'don’t'} allow would stop; set JAMBONZ_SBC_ADDRESSES to learn whether they are those of the SBCs.`;
}

/** Whether the trunk has calls that the wildcard rule takes and that no single rule bound to the trunk takes first. */
function needs(trunk: InboundTrunk, wildcard: DispatchRule, snapshot: Snapshot): boolean {
  // Whatever a trunk means by numbers that no call carries, the rule may be meant for it.
  const meant = trunk.numbers.some(isCarried) ? trunk : { ...trunk, numbers: [] };
  if (!canTake(wildcard, meant)) return false;
  const bound = snapshot.ruleIndex.boundTo(trunk.sip_trunk_id);
  return !bound.some(
    (rule) =>
      rule.kind !== undefined &&
      // A caller who gives the wildcard rule's pin passes a rule with another pin.
      (rule.pin === '' || wildcard.pin === '' || rule.pin === wildcard.pin) &&
      isPart(wildcard.numbers, rule.numbers) &&
      isPart(wildcard.inbound_numbers, rule.inbound_numbers),
  );
}

/** Whether a rule with the list `whole` takes all calls of one with the list `part`. An empty list takes every call. */
function isPart(part: readonly string[], whole: readonly string[]): boolean {
  return whole.length === 0 || (part.length > 0 && part.every((number) => whole.includes(number)));
}
