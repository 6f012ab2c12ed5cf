import fc from 'fast-check';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';

/** Few numbers in many forms, so that trunks often share one, list it in another form, or miss it by white space. */
export const number = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('+4991874350352', '4991874350352', '91874350352', '004991874350352') },
  { weight: 2, arbitrary: fc.constantFrom('091874350352', '+49 (918) 743-50352', '4991874350352\n', ' 91874350352') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('call-x', 'call-x ', '\tcall-x', 'anonymous', '', ' ', '-', '\t-', '+', '\t+'),
  },
  { weight: 2, arbitrary: fc.constantFrom('100', '00100', '0100', '49100', '000100', '123456', '0123456', '49123456') },
  { weight: 1, arbitrary: fc.stringMatching(/^(00|0|\+|\+00)?[49]{0,3}1{0,2}[23]{5,7}$/) },
);

export const address = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('10.1.2.3', '10.1.2.4', '54.236.168.131', '2001:db8::1', '::ffff:10.1.2.3') },
  { weight: 1, arbitrary: fc.constantFrom('fe80::1%eth0', 'sip.example.com', '', '10.1.2.03') },
);

const entry = fc.oneof(
  { weight: 3, arbitrary: address },
  {
    weight: 3,
    arbitrary: fc.constantFrom('10.1.2.0/24', '10.1.2.3/31', '0.0.0.0/0', '::/0', '2001:db8::/32', '[::1]/0'),
  },
  { weight: 2, arbitrary: fc.constantFrom('example.com', 'sip.example.com', 'sip://10.1.2.3', '10.1.2.3,10.1.2.4') },
);

/** Short lists, often none. */
const few = <T>(of: fc.Arbitrary<T>) => fc.oneof(fc.constant([]), fc.array(of, { maxLength: 3 }));

const trunk = fc.record({ numbers: few(number), allowed_numbers: few(number), allowed_addresses: few(entry) });

/** Ten kinds of trunk at most, many of each: more share a number than are gone through one by one. */
const trunks = fc
  .tuple(fc.array(trunk, { minLength: 1, maxLength: 10 }), fc.array(fc.nat(), { maxLength: 60, size: 'max' }))
  .map(([kinds, picks]) => picks.map((pick, i) => ({ sip_trunk_id: `ST_${i}`, ...kinds[pick % kinds.length] })));

export const rule = fc.record({
  rule: fc.constantFrom(
    { dispatch_rule_individual: { room_prefix: 'call-' } },
    { dispatch_rule_direct: { room_name: 'room' } },
    { dispatch_rule_callee: { room_prefix: 'a', pin: '1234' } },
  ),
  trunk_ids: fc.oneof(
    fc.constant([]),
    fc.array(
      // The empty text is how LiveKit's check names the trunk of a wildcard rule.
      fc.nat(9).map((i) => (i === 9 ? '' : `ST_${i}`)),
      { maxLength: 3 },
    ),
  ),
  inbound_numbers: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: few(number) }),
  numbers: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: few(number) }),
});

export const snapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    trunks: trunks.map((all) => all.map(parseTrunk)),
    rules: fc
      .array(rule, { maxLength: 7 })
      .map((all) => all.map((one, i) => parseRule({ sip_dispatch_rule_id: `SDR_${i}`, ...one }))),
  })
  .map((fields) => new Snapshot(fields));
