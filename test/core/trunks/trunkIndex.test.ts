import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunkIndex } from '../../../src/core/trunks/judge/trunkIndex.ts';
import { parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';

describe('an index over trunks', () => {
  it('names two specific trunks before two default ones, and one specific trunk before both', () => {
    const kinds = ['D', 'S', 'D', 'S'].map((kind, i) =>
      parseTrunk({ sip_trunk_id: `${kind}${i}`, numbers: kind === 'S' ? ['+1'] : [] }),
    );
    const choose = (...which: number[]) => {
      const choice = new TrunkIndex(kinds.filter((_, i) => which.includes(i))).choose(
        { called: '1', caller: '2', sources: ['10.1.2.3'], fromHost: '', strictAddresses: false },
        'fail',
      );
      return [choice.kind, 'trunk' in choice ? choice.trunk.trunk.sip_trunk_id : undefined];
    };
    assert.deepEqual(choose(0, 1, 2, 3), ['multiple_specific_trunks', undefined]);
    assert.deepEqual(choose(0, 1, 2), ['specific', 'S1']);
    assert.deepEqual(choose(0, 2), ['multiple_default_trunks', undefined]);
    assert.deepEqual(choose(2), ['default', 'D2']);
    assert.deepEqual(choose(), ['empty', undefined]);
  });

  it('gives the nearest trunks: the number listed, in another form, none listed, other ones; then by faults', () => {
    const trunks = [
      { sip_trunk_id: 'other', numbers: ['555'] },
      { sip_trunk_id: 'other, from elsewhere', numbers: ['555'], allowed_addresses: ['192.0.2.9'] },
      { sip_trunk_id: 'default', numbers: [] },
      { sip_trunk_id: 'default, other callers', allowed_numbers: ['555'] },
      { sip_trunk_id: 'alike', numbers: ['555', '0049 918 7435'] },
      { sip_trunk_id: 'listed, other callers', numbers: ['+49 918 7435'], allowed_numbers: ['555'] },
      { sip_trunk_id: 'listed', numbers: ['+49 918 7435'] },
    ].map(parseTrunk);
    const asked = {
      called: '499187435',
      caller: '+1',
      sources: ['192.0.2.1'],
      fromHost: undefined,
      strictAddresses: false,
    };
    assert.deepEqual(
      new TrunkIndex(trunks)
        .nearest(asked, 10)
        .map(({ trunk, called, caller, source, alike }) => [trunk.sip_trunk_id, called, caller, source, alike?.number]),
      [
        ['listed', 'pass', 'pass', 'pass', undefined],
        ['listed, other callers', 'pass', 'fail', 'pass', undefined],
        ['alike', 'fail', 'pass', 'pass', '0049 918 7435'],
        ['default', 'pass', 'pass', 'pass', undefined],
        ['default, other callers', 'pass', 'fail', 'pass', undefined],
        ['other', 'fail', 'pass', 'pass', undefined],
        ['other, from elsewhere', 'fail', 'pass', 'fail', undefined],
      ],
    );
  });

  const idsOf = (found: ReturnType<TrunkIndex['nearest']>) => found.map(({ trunk }) => trunk.sip_trunk_id);

  it('gives no more than were asked for, and a trunk once that lists the number in two forms', () => {
    const trunks = [
      { sip_trunk_id: 'other', numbers: ['555'] },
      { sip_trunk_id: 'both forms', numbers: ['0049 918 7435', '+49 918 7435'] },
      { sip_trunk_id: 'alike', numbers: ['0049 918 7435'] },
      { sip_trunk_id: 'default' },
    ].map(parseTrunk);
    const asked = { called: '499187435', caller: '1', sources: [], fromHost: undefined, strictAddresses: false };
    const nearest = (count: number) => idsOf(new TrunkIndex(trunks).nearest(asked, count));
    assert.deepEqual(nearest(1), ['both forms']);
    assert.deepEqual(nearest(2), ['both forms', 'alike']);
    assert.deepEqual(nearest(3), ['both forms', 'alike', 'default']);
    assert.deepEqual(nearest(9), ['both forms', 'alike', 'default', 'other']);
  });

  for (const [what, called] of [
    ['list the number', '15550100'],
    ['list other numbers', '15550999'],
  ] as const) {
    it(`puts a fault after any number of unknown fields among trunks that ${what}`, () => {
      const fields = (allowed_addresses: string[], allowed_numbers: string[] = []) => ({
        numbers: ['15550100'],
        allowed_addresses,
        allowed_numbers,
      });
      const [here, partly, elsewhere, callers] = [[], ['192.0.2.1'], ['192.0.2.9'], ['15550123']];
      const trunks = [
        { sip_trunk_id: 'a fault and an unknown field', ...fields(elsewhere, callers) },
        { sip_trunk_id: 'a fault', ...fields(elsewhere) },
        { sip_trunk_id: 'two unknown fields', ...fields(partly, callers) },
        { sip_trunk_id: 'an unknown source', ...fields(partly) },
        { sip_trunk_id: 'an unknown caller', ...fields(here, callers) },
        { sip_trunk_id: 'open', ...fields(here) },
      ].map(parseTrunk);
      const asked = { called, caller: undefined, sources: ['192.0.2.1', '192.0.2.2'], fromHost: '' };
      const nearest = [
        'open',
        'an unknown source',
        'an unknown caller',
        'two unknown fields',
        'a fault',
        'a fault and an unknown field',
      ];
      const index = new TrunkIndex(trunks);
      for (let count = 1; count <= nearest.length; count += 1) {
        assert.deepEqual(idsOf(index.nearest({ ...asked, strictAddresses: false }, count)), nearest.slice(0, count));
      }
    });
  }

  it('gives trunks that list the number in several other forms in their own order', () => {
    const forms = ['09187435', '00499187435'];
    for (const numbers of [forms, forms.toReversed()]) {
      const trunks = numbers.map((number) => parseTrunk({ sip_trunk_id: number, numbers: [number] }));
      const asked = { called: '499187435', caller: '1', sources: [], fromHost: undefined, strictAddresses: false };
      assert.deepEqual(
        new TrunkIndex(trunks).nearest(asked, 10).map(({ trunk }) => trunk.sip_trunk_id),
        numbers,
      );
    }
  });

  it('gives trunks that list them in turn in their own order', () => {
    const [a, b] = ['09187435', '00499187435'];
    const trunks = [a, b, a].map((number, i) => parseTrunk({ sip_trunk_id: `ST_${i}`, numbers: [number] }));
    const asked = { called: '499187435', caller: '1', sources: [], fromHost: undefined, strictAddresses: false };
    assert.deepEqual(idsOf(new TrunkIndex(trunks).nearest(asked, 10)), ['ST_0', 'ST_1', 'ST_2']);
  });

  it('leaves an address open that a host name may admit, unless LiveKit compares strictly', () => {
    const sourceOf = (allowed_addresses: string[], strictAddresses: boolean, fromHost?: string) => {
      const asked = { called: '1', caller: '2', sources: ['192.0.2.10'], fromHost, strictAddresses };
      const [trunk] = new TrunkIndex([parseTrunk({ sip_trunk_id: 'ST_1', allowed_addresses })]).nearest(asked, 1);
      return trunk?.source;
    };
    const named = ['192.0.2.9', 'sbc.example.com'];
    assert.deepEqual([sourceOf(named, false), sourceOf(named, true)], ['unknown', 'fail']);
    assert.equal(sourceOf(['192.0.2.9'], false), 'fail');
    assert.deepEqual(
      ['sbc.example.com', 'other.example.com'].map((host) => sourceOf(named, false, host)),
      ['pass', 'fail'],
    );
  });

  it('judges trunks with other numbers anew where addresses are compared strictly', () => {
    const trunks = [
      { sip_trunk_id: 'brackets', numbers: ['1'], allowed_addresses: ['[192.0.2.1]'] },
      { sip_trunk_id: 'plain', numbers: ['2'], allowed_addresses: ['192.0.2.1'] },
    ].map(parseTrunk);
    const index = new TrunkIndex(trunks);
    const nearest = (strictAddresses: boolean) =>
      index
        .nearest({ called: '3', caller: '4', sources: ['192.0.2.1'], fromHost: undefined, strictAddresses }, 10)
        .map(({ trunk, source }) => `${trunk.sip_trunk_id} ${source}`);
    assert.deepEqual(nearest(false), ['brackets pass', 'plain pass']);
    assert.deepEqual(nearest(true), ['plain pass', 'brackets fail']);
    assert.deepEqual(nearest(false), ['brackets pass', 'plain pass']);
  });

  it('is built in steps of at most 100 trunks, and answers the same before, between and after them', () => {
    const trunks = Array.from({ length: 250 }, (_, i) =>
      parseTrunk({ sip_trunk_id: `ST_${i}`, numbers: [`+1555${i}`], allowed_addresses: [`10.0.0.${i}`] }),
    );
    const asked = { called: '15557', caller: '1', sources: ['10.0.0.7'], fromHost: undefined, strictAddresses: true };
    const answer = (index: TrunkIndex) => [index.choose(asked, 'fail'), index.nearest(asked, 10)];
    const plain = answer(new TrunkIndex(trunks));
    assert.equal([...new TrunkIndex(trunks).prepare(true)].length, 2);
    const index = new TrunkIndex(trunks);
    for (const _ of index.prepare(true)) assert.deepEqual(answer(index), plain);
    assert.deepEqual(answer(index), plain);
  });

  it('is not slowed or filled up by trunks that share many numbers, callers and addresses at once', () => {
    const many = (of: (i: number) => string) => Array.from({ length: 60 }, (_, i) => of(i));
    const lists = {
      numbers: many((i) => `1555${1000 + i}`),
      allowed_numbers: many((i) => `49${1000 + i}`),
      allowed_addresses: many((i) => `10.0.0.${i}`),
    };
    // All products together are 3000 × 60 × 60 × 60 entries, which no memory holds.
    const trunks = Array.from({ length: 3_000 }, (_, i) => parseTrunk({ sip_trunk_id: `ST_${i}`, ...lists }));
    const index = new TrunkIndex(trunks);
    const asked = { called: '15551007', caller: '491007', sources: ['10.0.0.7'], fromHost: '' };
    const choice = index.choose({ ...asked, strictAddresses: false }, 'fail');
    assert.equal(choice.kind, 'multiple_specific_trunks');
  });
});
