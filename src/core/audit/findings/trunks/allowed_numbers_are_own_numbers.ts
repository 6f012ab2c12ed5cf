import { trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import { LikeNumbers } from '../../../trunks/judge/likeNumbers.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const allowedNumbersAreOwnNumbers = defineFinding({
  id: 'allowed_numbers_are_own_numbers',
  severity: 'critical',
  title: 'allowed_numbers lists only the trunk’s own numbers, so no outside caller gets in',
  runbook: {
    meaning:
      'allowed_numbers lists the callers that a trunk accepts, not the numbers it answers for; those are in numbers. This trunk lists its own numbers as callers, so LiveKit refuses every other caller.',
    impact:
      'Every call from outside fails. Self-hosted LiveKit sends one 180 and then nothing, so the caller hears silence, or whatever the application plays, until the dial times out. Newer builds answer 404.',
    diagnosis: [
      '`sipwhy audit` prints both lists of the trunk.',
      '`sipwhy history` shows when they were added to allowed_numbers.',
      'Who should be able to call? Usually everybody, because the agent answers a public number.',
    ],
    mitigation: [
      'To admit every caller, remove the trunk’s own numbers from allowed_numbers. To admit only some callers, first add them to the list.',
      'With an empty list, LiveKit does not check the caller. If `sipwhy audit` also reports `trunk_open`, restrict allowed_addresses or set a password.',
      '`lk sip inbound update` has no flag for this list. With a file it replaces the whole trunk: everything missing from the file is lost, including the password. The curl command that `sipwhy audit` prints changes only this list.',
      'Verify that `sipwhy audit` no longer lists the trunk, and that `sipwhy check <number> --caller <caller>` says that the call would connect.',
    ],
  },
  fix: 'Remove the trunk’s own numbers from allowed_numbers; an empty list admits every caller.',
  *find({ trunks }) {
    for (const trunk of trunks) {
      yield undefined;
      const { allowed_numbers: callers, numbers } = trunk;
      if (callers.length === 0 || numbers.length === 0) continue;
      const own = new LikeNumbers();
      own.add(trunk, numbers);
      if (!callers.every((caller) => own.find(caller).length > 0)) continue;
      const which = callers.length === 1 ? 'which is its own number' : 'which are its own numbers';
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [],
        describe: () => ({
          what: `${trunkName(trunk)} accepts calls to ${few(numbers)}, but only from ${few(callers)}, ${which}.`,
          fixes: [
            trunkListFix(
              trunk,
              'allowed_numbers',
              { remove: callers },
              `Remove ${few(callers)} from allowed_numbers of ${trunkName(trunk)}. An empty list admits every caller.`,
            ),
          ],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'the trunk’s own number, with + and without',
      configuration: { trunks: { ST_1: { numbers: ['15550100'], allowed_numbers: ['+15550100'] } } },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 accepts calls to 15550100, but only from +15550100, which is its own number.',
      },
    },
    {
      shows: 'its own number with an international prefix, which is not an outside caller either',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'], allowed_numbers: ['0015550100'] } } },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 accepts calls to +15550100, but only from 0015550100, which is its own number.',
      },
    },
    {
      shows: 'two of its three numbers',
      configuration: {
        trunks: {
          ST_1: { numbers: ['+15550100', '+15550101', '+15550102'], allowed_numbers: ['+15550101', '+15550102'] },
        },
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 accepts calls to +15550100, +15550101, +15550102, but only from +15550101, +15550102, which are its own numbers.',
      },
    },
    {
      shows: 'an outside caller beside its own number',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550100', '+15550123'] } } },
    },
    {
      shows: 'an empty list',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'] } } },
    },
    {
      shows: 'a default trunk, which has no numbers of its own',
      configuration: { trunks: { ST_1: { allowed_numbers: ['+15550100'] } } },
    },
    {
      shows: 'the number of another trunk',
      configuration: {
        trunks: {
          ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550101'] },
          ST_2: { numbers: ['+15550101'] },
        },
      },
    },
  ],
});
