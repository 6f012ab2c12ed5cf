import { trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import { LikeNumbers } from '../../../trunks/judge/likeNumbers.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const allowedNumbersAreOwnNumbers = defineFinding({
  id: 'allowed_numbers_are_own_numbers',
  severity: 'critical',
  title: 'allowed_numbers holds only the trunk’s own numbers, so that no outside caller gets in',
  why:
    'allowed_numbers are the callers that a trunk lets in, not the numbers that can be called: those are numbers. With its ' +
    'own number there, a trunk takes only calls from itself, and drops every other one in silence.',
  fix: 'Empty allowed_numbers, or list the callers that may call.',
  *find({ trunks }) {
    for (const trunk of trunks) {
      const { allowed_numbers: callers, numbers } = trunk;
      if (callers.length === 0 || numbers.length === 0) continue;
      const own = new LikeNumbers();
      own.add(trunk, numbers);
      if (!callers.every((caller) => own.find(caller).length > 0)) continue;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        what: `${trunkName(trunk)} is called as ${few(numbers)} and lets in only the caller ${few(callers)}, which is its own number.`,
        fixes: [
          trunkListFix(
            trunk,
            'allowed_numbers',
            { remove: callers },
            `Take ${few(callers)} out of allowed_numbers of ${trunkName(trunk)}; with none left, every caller gets in.`,
          ),
        ],
      };
    }
  },
});
