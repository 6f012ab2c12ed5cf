import type { Fix } from '../../fixes/fix.ts';
import { ruleName, trunkName } from '../../fixes/names.ts';
import { setNumbers } from '../../fixes/ruleFix.ts';
import { likeness, normaliseNumber } from '../../trunks/number.ts';
import type { DispatchRule } from '../../trunks/snapshot.ts';
import { defineCause, type Evidence } from '../cause.ts';
import { configurationFault, refusalEvidence } from '../claims.ts';
import { withoutMatch } from '../withoutMatch.ts';

export const dispatchRuleNumberMismatch = defineCause({
  id: 'dispatch_rule_number_mismatch',
  title: 'no dispatch rule of the trunk takes this caller and called number',
  party: 'livekit_config',
  stage: 'dispatch',
  meaning:
    'A dispatch rule may list callers (inbound_numbers) and called numbers (numbers). Unlike the numbers of a trunk, ' +
    'they are compared exactly as written: +49… is not 49…. Every rule of the trunk lists others.',
  fix: 'Add the number to the rule exactly as the call carries it, or empty the rule’s list.',
  confidence: {
    certain:
      'LiveKit refused the call, by silence after one 180 or by a 404, and no rule of the trunk lists its numbers as they are written.',
    likely:
      'No rule of the trunk lists the numbers as they are written, and the call’s answers do not show that LiveKit refused it, or something else that decides is not known.',
  },
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    if (!match) return withoutMatch(stage, refusalEvidence(stage, ending, progress));
    const { meant, dispatch, call } = match;
    if (!meant || dispatch?.kind !== 'none' || dispatch.why !== 'number_mismatch') return undefined;
    const evidence: Evidence[] = [
      ...refusalEvidence(stage, ending, progress),
      { name: 'trunk', value: trunkName(meant.trunk), source: 'match' },
    ];
    const fixes = dispatch.rules.slice(0, 3).flatMap((rule) => {
      const lists = [
        { field: 'inbound_numbers', sent: call.caller ?? '', listed: rule.inbound_numbers },
        { field: 'numbers', sent: call.called, listed: rule.numbers },
      ] as const;
      return lists
        .filter(({ listed, sent }) => listed.length > 0 && !listed.includes(sent))
        .map(({ field, sent, listed }) => {
          const trap = listed.some((entry) => isSameNumber(entry, sent)) ? ' (the same number in another form)' : '';
          const value = `[${listed.join(', ')}] does not hold ${sent}, compared as written${trap}`;
          evidence.push({ name: `${field} of ${ruleName(rule)}`, value, source: 'match' });
          return mendList(rule, field, sent);
        });
    });
    return configurationFault(stage, evidence, fixes, 'admitted');
  },
});

/**
 * Puts the number into the list in the form in which the call carries it. Another form of it gives way: a rule that
 * lists one number in two forms clashes with itself, and LiveKit then refuses every call that comes to it.
 */
function mendList(rule: DispatchRule, field: 'inbound_numbers' | 'numbers', sent: string): Fix {
  const others = rule[field].filter((entry) => normaliseNumber(entry) === normaliseNumber(sent));
  const kept = rule[field].filter((entry) => !others.includes(entry));
  const action =
    others.length > 0
      ? `Write ${sent} instead of ${others.join(', ')} in ${field} of ${ruleName(rule)}.`
      : `Add ${sent}, in this form, to ${field} of ${ruleName(rule)}.`;
  return setNumbers(rule, { [field]: [...kept, sent] }, action);
}

function isSameNumber(a: string, b: string): boolean {
  return normaliseNumber(a) === normaliseNumber(b) || likeness(a, b) !== undefined;
}
