import { isDeepStrictEqual } from 'node:util';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { areTooLong, inWords, type Paste, ruleName, trunkName } from './fix.ts';
import { type ApiCall, curlPaste } from './liveKitCommand.ts';
import { replacementOf } from './ruleFix.ts';

/** How to take a change of LiveKit's configuration back. */
export interface TakeBack {
  /** One sentence each, deletions last. */
  readonly steps: readonly string[];
  readonly pastes: readonly Paste[];
  /** What sipwhy doesn't store, and a person must set. */
  readonly byHand: readonly string[];
}

interface Step {
  readonly text: string;
  readonly call?: ApiCall;
  readonly byHand?: readonly string[];
}

const TRUNK_LISTS = ['numbers', 'allowed_addresses', 'allowed_numbers'] as const;

/** The edits that bring trunks and rules with these ids back to an earlier version. */
export function takeBack(before: Snapshot, after: Snapshot, ids: ReadonlySet<string>): TakeBack {
  const oldRules = new Map(before.rules.map((rule) => [rule.sip_dispatch_rule_id, rule]));
  const newRules = new Map(after.rules.map((rule) => [rule.sip_dispatch_rule_id, rule]));
  const steps = [...ids].flatMap((id): Step[] => {
    const [oldTrunk, newTrunk] = [before.trunksById.get(id), after.trunksById.get(id)];
    if (oldTrunk && newTrunk) return restoreTrunk(oldTrunk, newTrunk);
    if (oldTrunk) return [createTrunk(oldTrunk)];
    const [oldRule, newRule] = [oldRules.get(id), newRules.get(id)];
    if (oldRule && newRule) return restoreRule(oldRule, newRule);
    return oldRule ? [createRule(oldRule)] : [];
  });
  // A deletion comes last.
  const deletions = [...ids].flatMap((id): Step[] => {
    const [trunk, rule] = [after.trunksById.get(id), newRules.get(id)];
    if (trunk && !before.trunksById.has(id))
      return [{ text: `Delete ${trunkName(trunk)}.`, call: { method: 'DeleteSIPTrunk', body: { sip_trunk_id: id } } }];
    if (rule && !oldRules.has(id))
      return [
        {
          text: `Delete ${ruleName(rule)}.`,
          call: { method: 'DeleteSIPDispatchRule', body: { sip_dispatch_rule_id: id } },
        },
      ];
    return [];
  });
  const all = [...steps, ...deletions];
  const calls = all.flatMap(({ call }) => call ?? []);
  return {
    steps: all.map(({ text }) => text),
    pastes: calls.length > 0 && calls.length === all.length ? [curlPaste(calls)] : [],
    byHand: all.flatMap(({ byHand = [] }) => byHand),
  };
}

function restoreTrunk(old: InboundTrunk, now: InboundTrunk): Step[] {
  const lists = TRUNK_LISTS.filter((field) => !isDeepStrictEqual(old[field], now[field]));
  const texts = (['name', 'auth_username'] as const).filter((field) => old[field] !== now[field]);
  const update = {
    ...Object.fromEntries(lists.map((field) => [field, listUpdate(old[field])])),
    ...Object.fromEntries(texts.map((field) => [field, old[field]])),
  };
  const name = trunkName(now);
  const isLong = areTooLong(...lists.map((field) => old[field]));
  const what = [
    ...lists.map((field) => `${field} to ${old[field].length === 0 ? 'empty' : inWords(old[field])}`),
    ...texts.map((field) => `${field} to ${old[field] || 'empty'}`),
  ];
  const byHand = old.has_password !== now.has_password ? [passwordStep(name, old.has_password)] : [];
  const steps: Step[] =
    what.length === 0
      ? []
      : [
          {
            text: `Set ${name} back: ${what.join('; ')}.`,
            ...(!isLong && {
              call: { method: 'UpdateSIPInboundTrunk', body: { sip_trunk_id: now.sip_trunk_id, update } },
            }),
          },
        ];
  if (!isDeepStrictEqual(old.rest, now.rest))
    steps.push({ text: `Set the other fields of ${name} back; \`sipwhy history\` names them.` });
  return byHand.length > 0 ? [...steps, { text: byHand.join(' '), byHand }] : steps;
}

/** Sets a list; LiveKit takes an empty `set` for none. */
function listUpdate(list: readonly string[]): object {
  return list.length === 0 ? { clear: true } : { set: list };
}

function passwordStep(name: string, hadPassword: boolean): string {
  return hadPassword
    ? `Set auth_password of ${name} by hand: sipwhy never stores it.`
    : `Remove auth_password of ${name} by hand.`;
}

function createTrunk(trunk: InboundTrunk): Step {
  const { sip_trunk_id: _, has_assumed_id: __, has_password, ringing_timeout_seconds: ___, rest, ...fields } = trunk;
  const filled = Object.fromEntries(Object.entries(fields).filter(([, value]) => value.length > 0));
  const byHand = has_password ? [passwordStep(trunkName(trunk), true)] : [];
  return {
    text: `Create ${trunkName(trunk)} again. It gets another id, so bind its dispatch rules to that.`,
    ...(!areTooLong(...TRUNK_LISTS.map((field) => trunk[field])) && {
      call: {
        method: 'CreateSIPInboundTrunk',
        body: { trunk: { ...filled, ...(has_password && { auth_password: '<the password of the trunk>' }), ...rest } },
      },
    }),
    byHand,
  };
}

function restoreRule(old: DispatchRule, now: DispatchRule): Step[] {
  const { sip_dispatch_rule_id } = now;
  const name = ruleName(now);
  const onlyTrunks = { ...old, trunk_ids: now.trunk_ids };
  if (isDeepStrictEqual(onlyTrunks, now)) {
    const trunks = old.trunk_ids.length === 0 ? 'none' : inWords(old.trunk_ids);
    return [
      {
        text: `Set trunk_ids of ${name} back to ${trunks}.`,
        call: {
          method: 'UpdateSIPDispatchRule',
          body: { sip_dispatch_rule_id, update: { trunk_ids: listUpdate(old.trunk_ids) } },
        },
      },
    ];
  }
  return [
    {
      text: `Set ${name} back to what it was; \`sipwhy history\` names the fields.`,
      ...(isPrintable(old) && {
        call: { method: 'UpdateSIPDispatchRule', body: { sip_dispatch_rule_id, replace: replacementOf(old) } },
      }),
    },
  ];
}

function createRule(rule: DispatchRule): Step {
  return {
    text: `Create ${ruleName(rule)} again.`,
    ...(isPrintable(rule) && {
      call: { method: 'CreateSIPDispatchRule', body: { dispatch_rule: replacementOf(rule) } },
    }),
  };
}

function isPrintable({ kind, trunk_ids, inbound_numbers, numbers }: DispatchRule): boolean {
  return kind !== undefined && !areTooLong(trunk_ids, inbound_numbers, numbers);
}
