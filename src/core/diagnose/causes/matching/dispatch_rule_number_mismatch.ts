import { encodeUser } from '../../../fixes/dialPaste.ts';
import { dialFix, type Fix, inWords, plainFix, ruleName, trunkName } from '../../../fixes/fix.ts';
import { setNumbers } from '../../../fixes/ruleFix.ts';
import type { CallToJudge } from '../../../trunks/judge/judge.ts';
import { isPerCallId, likeness, normaliseNumber, numberSet, withoutRepeats } from '../../../trunks/number.ts';
import type { DispatchRule, InboundTrunk } from '../../../trunks/snapshot.ts';
import { defineCause, type Evidence } from '../../cause.ts';
import { configurationFault, refusalEvidence, withoutMatch } from '../../claims.ts';
import { type Target, wentThroughCarrier } from '../../facts/facts.ts';

export const dispatchRuleNumberMismatch = defineCause({
  id: 'dispatch_rule_number_mismatch',
  title: 'no dispatch rule of the trunk accepts these numbers',
  party: 'livekit_config',
  stage: 'dispatch',
  runbook: {
    meaning:
      'A dispatch rule may list callers (inbound_numbers) and called numbers (numbers). Unlike a trunk’s numbers, LiveKit compares them exactly as written: +49… is not 49…. Every rule for the trunk lists other numbers.',
    impact:
      'Calls from these callers, or to these numbers, fail; others on the same trunk work. Self-hosted LiveKit sends one 180 and then nothing until the dial times out. Newer builds, and probably LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows each list next to the number that the call carries, and points out a number that differs only in format.',
      'Check the format that arrives. The caller is the From of the INVITE; the called number is the user part that the application dials. A carrier may send +49… today and 49… tomorrow.',
      '`lk sip dispatch list` shows the rules: inbound_numbers lists callers, numbers lists called numbers.',
    ],
    mitigation: [
      'If inbound_numbers holds the number that people call, move it to numbers: inbound_numbers are callers. Don’t add callers one by one.',
      'If the rule has the called number in another format, dial it in the rule’s format: that changes nothing in LiveKit. Where LiveKit is a carrier in Jambonz, the SBC strips the +, unless the carrier has "E.164 syntax" set: then it puts a + in front of every number that doesn’t begin with 0.',
      'Otherwise replace the number in the rule with exactly what the call carries. Don’t keep both formats: a rule that lists one number twice conflicts with itself.',
      'Or empty the list if the rule should accept every caller or every number of the trunk.',
      'LiveKit’s API can only replace the whole rule: paste what `sipwhy explain` prints, and fill in the pin if the rule has one.',
      'Verify that `sipwhy check <number> --caller <caller>` names the rule.',
    ],
  },
  fix: 'If inbound_numbers lists called numbers, move them to numbers. Otherwise dial the number exactly as the rule lists it, write it in the rule exactly as the call carries it, or empty the rule’s list.',
  confidence: {
    certain:
      'LiveKit refused the call (silence after one 180, or a 404), and no rule for the trunk lists the call’s numbers exactly as written.',
    likely:
      'No rule for the trunk lists the numbers exactly as written, but the responses don’t show that LiveKit refused the call, or another deciding field is unknown.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress'],
  match({ target, stage, match, ending, progress }) {
    if (!match) return withoutMatch(stage, refusalEvidence(stage, ending, progress));
    const { likelyTrunk, dispatch, call, listedCaller } = match;
    if (!likelyTrunk || dispatch?.kind !== 'none' || dispatch.why !== 'number_mismatch') return undefined;
    const evidence: Evidence[] = [
      ...refusalEvidence(stage, ending, progress),
      { name: 'trunk', value: trunkName(likelyTrunk.trunk), source: 'match' },
    ];
    const fixes = dispatch.rules.slice(0, 3).flatMap((rule) => {
      const misplaced = calledNumbersIn(rule, likelyTrunk.trunk, { ...call, caller: listedCaller });
      const lists = [
        { field: 'inbound_numbers', sent: call.caller, compared: listedCaller, listed: rule.inbound_numbers },
        { field: 'numbers', sent: call.called, compared: call.called, listed: rule.numbers },
      ] as const;
      // An unknown caller doesn't count against a rule.
      const failing = lists.flatMap(({ field, sent, compared, listed }) =>
        sent === undefined || compared === undefined || listed.length === 0 || listed.includes(compared)
          ? []
          : [{ field, sent, compared, listed }],
      );
      for (const { field, sent, compared, listed } of failing) {
        const value = `${sent} isn’t in [${inWords(listed)}], compared exactly as written${trapOf(field, compared, listed, misplaced)}`;
        evidence.push({ name: `${field} of ${ruleName(rule)}`, value, source: 'match' });
      }
      if (misplaced.length > 0) return moveToNumbers(rule, misplaced, call);
      return failing.flatMap(({ field, sent, compared }) => [
        field === 'numbers' && isPerCallId(sent) ? dialListed(rule, sent) : mendList(rule, field, { sent, compared }),
        ...(field === 'inbound_numbers' && !rule.inbound_numbers.some((entry) => isSameNumber(entry, compared))
          ? [acceptEveryCaller(rule)]
          : []),
        ...(field === 'numbers' ? dialAsListed(rule, target, sent) : []),
      ]);
    });
    return configurationFault(stage, evidence, fixes, 'admitted');
  },
  examples: [
    {
      shows: 'silence with a rule for other called numbers points to the rule’s numbers',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['dispatch_rule_number_mismatch'], confidence: 'certain' },
    },
    {
      shows: 'the called number in the list of callers is the commonest mistake',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ inbound_numbers: ['+15550100'] }] },
      want: { blocking: ['dispatch_rule_number_mismatch'], confidence: 'certain' },
    },
    {
      shows: 'a rule of an unknown, newer kind may accept the call',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ rule: { dispatch_rule_new: {} } }] },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a rule compares numbers exactly as written: without the + it is another number',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ inbound_numbers: ['15550123'] }] },
      want: { blocking: ['dispatch_rule_number_mismatch'], confidence: 'certain' },
    },
    {
      shows: 'a called number without its + is another number, too',
      call: { to: 'sip:15550100@lab.sip.livekit.cloud', ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ numbers: ['+15550100'] }] },
      want: { blocking: ['dispatch_rule_number_mismatch'], confidence: 'certain' },
    },
    {
      shows: 'the SBC strips the + of a number that goes to LiveKit through a carrier',
      call: { to: '+15550100', response: [404, 'Does not match Trunks or Dispatch Rules', 230] },
      livekit: { rules: [{ numbers: ['+15550100'] }] },
      want: { blocking: ['dispatch_rule_number_mismatch'], confidence: 'certain' },
    },
    {
      shows: 'a rule for other numbers blocks the call, but is only likely if the response doesn’t show a refusal',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: { rules: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['dispatch_rule_number_mismatch'], confidence: 'likely' },
    },
    {
      shows: 'a rule that lists the caller and the called number exactly as written accepts the call',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ inbound_numbers: ['+15550123'], numbers: ['+15550100'] }] },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

/**
 * The called numbers that a rule lists as callers, the commonest mistake of all: the comment of LiveKit's API on the
 * older form of CreateSIPDispatchRule calls `inbound_numbers` the called numbers.
 */
function calledNumbersIn(rule: DispatchRule, trunk: InboundTrunk, { called, caller }: CallToJudge): readonly string[] {
  // A rule that lists this caller is for calls between two of the trunk's own numbers.
  if (caller !== undefined && rule.inbound_numbers.includes(caller)) return [];
  const own = numberSet(trunk.numbers);
  return rule.inbound_numbers.filter((entry) => own.has(normaliseNumber(entry)) || isSameNumber(entry, called));
}

function trapOf(field: string, compared: string, listed: readonly string[], misplaced: readonly string[]): string {
  if (field === 'inbound_numbers' && misplaced.length > 0) {
    return ` (inbound_numbers are callers, and ${inWords(misplaced)} is called)`;
  }
  return listed.some((entry) => isSameNumber(entry, compared)) ? ' (the same number in another format)' : '';
}

/** Moves called numbers out of the list of callers. The called number is written as the call carries it. */
function moveToNumbers(rule: DispatchRule, misplaced: readonly string[], { called, caller }: CallToJudge): Fix {
  const callers = rule.inbound_numbers.filter((entry) => !misplaced.includes(entry));
  // Callers are never added one by one: an empty list accepts all that the trunk admits.
  const isCallerMissing = callers.length > 0 && caller !== undefined;
  const others = [...rule.numbers, ...misplaced].filter((entry) => !isSameNumber(entry, called));
  const also = isCallerMissing ? `, and empty inbound_numbers, so that it accepts every ${whomOf(rule)}` : '';
  return setNumbers(
    rule,
    { inbound_numbers: isCallerMissing ? [] : callers, numbers: withoutRepeats([...others, called]) },
    `Move ${inWords(misplaced)} from inbound_numbers to numbers of ${ruleName(rule)}${also}.`,
  );
}

function acceptEveryCaller(rule: DispatchRule): Fix {
  const action = `Or empty inbound_numbers of ${ruleName(rule)}, so that it accepts every ${whomOf(rule)}.`;
  return setNumbers(rule, { inbound_numbers: [] }, action);
}

/** Whom a rule without a list of callers accepts, after "every". A rule without trunk_ids also takes calls past all trunks. */
function whomOf({ trunk_ids }: DispatchRule): string {
  return trunk_ids.length > 0 ? 'caller that its trunk admits' : 'caller, from any address';
}

function dialListed(rule: DispatchRule, called: string): Fix {
  const [number = called] = rule.numbers;
  const action = `Dial ${number}, a number of ${ruleName(rule)}, instead of ${called}, which is another for each call.`;
  return dialFix({ user: number }, action);
}

/**
 * Dials the number in the format that the rule lists, which takes nothing from whoever dials it so already. The SBC writes
 * a number for a carrier itself: with the carrier's "E.164 syntax", a + before each that does not begin with 0.
 */
function dialAsListed(rule: DispatchRule, target: Target, called: string): Fix[] {
  const forms = rule.numbers.filter((entry) => normaliseNumber(entry) === normaliseNumber(called));
  if (wentThroughCarrier(target)) {
    if (called.startsWith('0') || !forms.includes(`+${called}`)) return [];
    const setting = 'Set "E.164 syntax" (e164_leading_plus) of the Jambonz carrier that leads to LiveKit';
    return [plainFix(`${setting}: LiveKit then sees +${called}, and a + before every other number of that carrier.`)];
  }
  const user = forms.find((entry) => encodeUser(entry) === entry);
  return user === undefined
    ? []
    : [dialFix({ user }, `Dial ${user}, the format in ${ruleName(rule)}, instead of ${called}.`)];
}

/**
 * Puts the number into the list in the form in which the call carries it. Another form of it gives way: a rule that
 * lists one number in two forms clashes with itself, and LiveKit then refuses every call that comes to it.
 */
function mendList(
  rule: DispatchRule,
  field: 'inbound_numbers' | 'numbers',
  { sent, compared }: { readonly sent: string; readonly compared: string },
): Fix {
  const others = rule[field].filter((entry) => normaliseNumber(entry) === normaliseNumber(compared));
  const kept = rule[field].filter((entry) => !others.includes(entry));
  const action =
    others.length > 0
      ? `Write ${sent} instead of ${inWords(others)} in ${field} of ${ruleName(rule)}.`
      : `Add ${sent}, in exactly this format, to ${field} of ${ruleName(rule)}.`;
  return setNumbers(rule, { [field]: [...kept, sent] }, action);
}

function isSameNumber(a: string, b: string): boolean {
  return normaliseNumber(a) === normaliseNumber(b) || likeness(a, b) !== undefined;
}
