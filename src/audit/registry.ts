import type { FindingDefinition } from './finding.ts';
import { allowedAddressIgnored } from './findings/allowed_address_ignored.ts';
import { allowedAddressIsHostName } from './findings/allowed_address_is_host_name.ts';
import { allowedAddressesAllIgnored } from './findings/allowed_addresses_all_ignored.ts';
import { allowedNumbersAreOwnNumbers } from './findings/allowed_numbers_are_own_numbers.ts';
import { dispatchRuleOfUnknownKind } from './findings/dispatch_rule_of_unknown_kind.ts';
import { dispatchRuleUnreachable } from './findings/dispatch_rule_unreachable.ts';
import { dispatchRulesConflict } from './findings/dispatch_rules_conflict.ts';
import { ruleForMissingTrunk } from './findings/rule_for_missing_trunk.ts';
import { ruleNumberForm } from './findings/rule_number_form.ts';
import { ruleNumbersSwapped } from './findings/rule_numbers_swapped.ts';
import { sbcAddressNotAllowed } from './findings/sbc_address_not_allowed.ts';
import { trunkConflictsAtCallTime } from './findings/trunk_conflicts_at_call_time.ts';
import { trunkOpen } from './findings/trunk_open.ts';
import { trunkPasswordWithoutUsername } from './findings/trunk_password_without_username.ts';
import { trunkUsernameWithoutPassword } from './findings/trunk_username_without_password.ts';
import { trunkWithoutRule } from './findings/trunk_without_rule.ts';
import { wildcardRuleAdmitsUnmatchedCalls } from './findings/wildcard_rule_admits_unmatched_calls.ts';

/** Every finding there is: what strangers can do, then what stops calls, then what misleads. */
export const FINDINGS = [
  wildcardRuleAdmitsUnmatchedCalls,
  trunkOpen,
  trunkUsernameWithoutPassword,
  trunkPasswordWithoutUsername,
  allowedAddressesAllIgnored,
  allowedAddressIgnored,
  allowedAddressIsHostName,
  sbcAddressNotAllowed,
  allowedNumbersAreOwnNumbers,
  trunkConflictsAtCallTime,
  trunkWithoutRule,
  dispatchRulesConflict,
  dispatchRuleUnreachable,
  dispatchRuleOfUnknownKind,
  ruleNumbersSwapped,
  ruleNumberForm,
  ruleForMissingTrunk,
] as const satisfies readonly FindingDefinition[];

export type FindingId = (typeof FINDINGS)[number]['id'];
