import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cause } from '../../../src/core/diagnose/cause.ts';
import { CAUSES } from '../../../src/core/diagnose/causes.ts';
import { preferredFix } from '../../../src/core/fixes/rankFixes.ts';
import { numbersApart } from '../../../src/core/fixes/ruleFix.ts';
import { parseRule } from '../../../src/core/trunks/readSnapshot.ts';
import { explainExample } from '../examples.ts';

const ALL: readonly Cause[] = CAUSES;

/** Each command would lock callers out or open the trunk here, so what Jambonz dials or a person decides comes first. */
const DIALLED = new Set([
  'a call without any caller is on no list',
  'a called number without its + is another number, too',
  'the SBC strips the + of a number that goes to LiveKit through a carrier',
]);

// What others own has no command of LiveKit's: an application has its dial, the rest have steps.
for (const { id, party, examples } of ALL) {
  if (party !== 'livekit_config') continue;
  // Where sipwhy doesn't know the SBCs' addresses, its own setting comes first.
  const headlined = examples.filter(
    ({ want, settings }) => want.blocking[0] === id && settings?.sbc_addresses?.length !== 0,
  );
  test(`${id}: the fix that comes first is a command, in each of ${headlined.length} examples`, () => {
    assert.notEqual(headlined.length, 0);
    for (const example of headlined) {
      const own = explainExample(example).fixes.filter(({ cause }) => cause === id);
      const fix = preferredFix(own);
      const isCommand = fix?.pastes.some(({ tool }) => tool !== undefined) === true;
      assert.equal(isCommand, !DIALLED.has(example.shows), `${example.shows}: ${fix?.action}`);
    }
  });
}

test('rules that are separated by their numbers keep those that only one of them lists', () => {
  const rule = (id: string, numbers: readonly string[]) =>
    parseRule({
      sip_dispatch_rule_id: id,
      trunk_ids: ['ST_1'],
      numbers,
      rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
    });
  const [lk] = numbersApart(rule('SDR_1', ['+15550100', '+15550101']), rule('SDR_2', ['15550100']), '').pastes;
  const [first = '', second = ''] = (lk?.text ?? '').split(' &&\n');
  assert.match(first, /"numbers": \["\+15550101", "<a called number whose calls SDR_1 takes>"\]/);
  assert.match(second, /"numbers": \["<a called number whose calls SDR_2 takes>"\]/);
});
