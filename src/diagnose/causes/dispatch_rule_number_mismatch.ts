import { likeness, normaliseNumber } from '../../trunks/number.ts';
import { defineCause, type Evidence } from '../cause.ts';
import { configurationFault, refusalEvidence, trunkName } from '../claims.ts';
import { ruleName, ruleNumberFix } from '../ruleFix.ts';
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
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    if (!match) return withoutMatch(stage, refusalEvidence(stage, ending, progress));
    const { meant, dispatch, call } = match;
    if (!meant || dispatch?.kind !== 'none' || dispatch.why !== 'number_mismatch') return undefined;
    const evidence: Evidence[] = [
      ...refusalEvidence(stage, ending, progress),
      { name: 'trunk', value: trunkName(meant), source: 'match' },
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
          return ruleNumberFix(rule, field, sent, `Add ${sent}, in this form, to ${field} of ${ruleName(rule)}.`);
        });
    });
    return configurationFault(stage, evidence, fixes, 'admitted');
  },
});

function isSameNumber(a: string, b: string): boolean {
  return normaliseNumber(a) === normaliseNumber(b) || likeness(a, b) !== undefined;
}
