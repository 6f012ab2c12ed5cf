import type { Fix } from '../../../fixes/fix.ts';
import { ruleName, trunkName } from '../../../fixes/fix.ts';
import { setNumbers } from '../../../fixes/ruleFix.ts';
import { likeness, normaliseNumber } from '../../../trunks/number.ts';
import type { DispatchRule } from '../../../trunks/snapshot.ts';
import { defineCause, type Evidence } from '../../cause.ts';
import { configurationFault, refusalEvidence, withoutMatch } from '../../claims.ts';

export const dispatchRuleNumberMismatch = defineCause({
  id: 'dispatch_rule_number_mismatch',
  title: 'no dispatch rule of the trunk takes this caller and called number',
  party: 'livekit_config',
  stage: 'dispatch',
  runbook: {
    meaning:
      'A dispatch rule may list callers (inbound_numbers) and called numbers (numbers). Unlike the numbers of a trunk, they are compared exactly as written: +49… is not 49…. Every rule of the trunk lists others.',
    impact:
      'Calls from these callers, or to these numbers, fail; the others on the same trunk work. Self-hosted LiveKit sends one 180 and then nothing, until the dial gives up. Newer builds, and as far as is known LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows each list beside the number as the call carries it, and says where it is the same number in another form.',
      'In which form does the number arrive? The caller is the From of the INVITE, the called number is the user part that the application dials. A carrier may send +49… today and 49… tomorrow.',
      '`lk sip dispatch list` shows the rules; inbound_numbers holds callers, numbers holds called numbers.',
    ],
    mitigation: [
      'Write the number into the rule exactly as the call carries it, in place of its other form. The same number in two forms in one rule clashes with itself.',
      'Or empty the list, if the rule is meant for every caller or every number of the trunk.',
      'LiveKit’s API replaces a rule as a whole for this: paste what `npx sipwhy explain` prints, and put the pin in where there is one.',
      '`npx sipwhy check <number> --caller <caller>` names the rule.',
    ],
  },
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
    const { likelyTrunk, dispatch, call } = match;
    if (!likelyTrunk || dispatch?.kind !== 'none' || dispatch.why !== 'number_mismatch') return undefined;
    const evidence: Evidence[] = [
      ...refusalEvidence(stage, ending, progress),
      { name: 'trunk', value: trunkName(likelyTrunk.trunk), source: 'match' },
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
  examples: [
    {
      shows: 'silence with a rule for other called numbers is the rule’s numbers',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['dispatch_rule_number_mismatch'], confidence: 'certain' },
    },
    {
      shows: 'a rule of a kind that a newer LiveKit knows may well take the call',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ rule: { dispatch_rule_new: {} } }] },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a rule compares numbers as written: the same number without plus is another',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ inbound_numbers: ['15550123'] }] },
      want: { blocking: ['dispatch_rule_number_mismatch'], confidence: 'certain' },
    },
    {
      shows:
        'a rule for other numbers: a fault that the answer does not show stops the call all the same, and is not certain to have',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: { rules: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['dispatch_rule_number_mismatch'], confidence: 'likely' },
    },
    {
      shows: 'a rule that lists the caller and the called number as written takes the call',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ inbound_numbers: ['+15550123'], numbers: ['+15550100'] }] },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
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
