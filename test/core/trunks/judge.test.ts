import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeclaredAuth } from '../../../src/core/call/callEvent.ts';
import { hashCaller } from '../../../src/core/trunks/hashedNumber.ts';
import { judge } from '../../../src/core/trunks/judge/judge.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';

describe('the trunk that was meant by a called number that none has', () => {
  const known = (more: object[]) =>
    new Snapshot({
      trunks: more.map((fields, i) =>
        parseTrunk({ sip_trunk_id: `ST_${i}`, numbers: [`+155501${10 + i}`], ...fields }),
      ),
      rules: more.map((_, i) =>
        parseRule({
          sip_dispatch_rule_id: `SDR_${i}`,
          trunk_ids: [`ST_${i}`],
          rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
        }),
      ),
    });
  const password = (auth_username: string) => ({ auth_username, auth_password: 'secret' });
  const asked = { called: 'reception', caller: '+15550123', sources: ['192.0.2.10'], strictAddresses: false };
  const likelyTrunk = (trunks: object[], declaredAuth: DeclaredAuth) =>
    judge(known(trunks), { ...asked, declaredAuth }).likelyTrunk?.trunk.sip_trunk_id;

  it('is one that does not refuse what was dialled with', () => {
    assert.equal(likelyTrunk([password('anna'), {}], { sent: false }), 'ST_1');
    assert.equal(likelyTrunk([password('anna'), password('bert')], { sent: true, username: 'bert' }), 'ST_1');
  });

  it('comes after one with two unknown fields if it refuses the credentials, and before one that bars the caller', () => {
    const meantOf = (trunks: object[], more: object = {}) =>
      judge(known(trunks), { ...asked, ...more, declaredAuth: { sent: false } }).likelyTrunk?.trunk.sip_trunk_id;
    const unknown = { allowed_numbers: ['+15550199'], allowed_addresses: ['192.0.2.99'] };
    assert.equal(meantOf([password('anna'), unknown], { caller: undefined, sources: [] }), 'ST_1');
    const barred = { allowed_numbers: ['+15550199'] };
    assert.equal(meantOf([password('anna'), barred]), 'ST_0');
    assert.equal(meantOf([barred, password('anna')]), 'ST_1');
  });

  it('is one that a rule leads on from before that', () => {
    const trunks = known([password('anna'), {}]);
    const judged = judge(trunks.with({ rules: trunks.rules.slice(0, 1) }), { ...asked, declaredAuth: { sent: false } });
    assert.equal(judged.likelyTrunk?.trunk.sip_trunk_id, 'ST_0');
  });
});

describe('the likely trunk of more than ten equally near ones', () => {
  const PASSWORD = { auth_username: 'anna', auth_password: 'secret' };
  /** Thirteen trunks with numbers of their own, of which these lead on to a rule. */
  function meant(led: readonly number[], fields: Readonly<Record<number, object>> = {}) {
    const snapshot = new Snapshot({
      trunks: Array.from({ length: 13 }, (_, i) =>
        parseTrunk({ sip_trunk_id: `ST_${i}`, numbers: [`+155501${10 + i}`], ...fields[i] }),
      ),
      rules: [
        parseRule({
          sip_dispatch_rule_id: 'SDR_1',
          trunk_ids: ['ST_none', ...led.map((i) => `ST_${i}`)],
          rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
        }),
      ],
    });
    const { likelyTrunk, equallyNear } = judge(snapshot, {
      called: 'reception',
      caller: '+15550123',
      sources: ['192.0.2.10'],
      strictAddresses: false,
      declaredAuth: { sent: false },
    });
    assert.equal(equallyNear, 12);
    return likelyTrunk?.trunk.sip_trunk_id;
  }

  it('is one of the ten nearest that leads to a rule', () => assert.equal(meant([3, 11]), 'ST_3'));
  it('is otherwise the first of all that leads to a rule', () => assert.equal(meant([11, 12]), 'ST_11'));
  it('is otherwise the one of all that refuses nothing', () =>
    assert.equal(meant([11, 12], { 11: PASSWORD }), 'ST_12'));
  it('is the first if none leads to a rule', () => assert.equal(meant([]), 'ST_0'));
  it('is the first that refuses nothing if none leads to a rule', () =>
    assert.equal(meant([], { 0: PASSWORD }), 'ST_1'));
});

describe('the rule behind a trunk that lacks the called number', () => {
  const judged = (rule: object, called: string) =>
    judge(
      new Snapshot({
        trunks: [parseTrunk({ sip_trunk_id: 'ST_1', numbers: ['441632960101'] })],
        rules: [
          parseRule({
            sip_dispatch_rule_id: 'SDR_1',
            trunk_ids: ['ST_1'],
            rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
            ...rule,
          }),
        ],
      }),
      { called, caller: '+15550123', sources: [], strictAddresses: false, declaredAuth: undefined },
    ).dispatch?.kind;

  it('takes the trunk’s number in the form in which it lists it', () => {
    assert.equal(judged({ numbers: ['+441632960101'] }, '00441632960101'), 'rule');
  });

  it('takes the called number once the trunk has it', () => {
    assert.equal(judged({ numbers: ['reception'] }, 'reception'), 'rule');
  });

  it('is missing where it lists neither', () => {
    assert.equal(judged({ numbers: ['+441632960199'] }, '00441632960101'), 'none');
  });
});

describe('a call', () => {
  const CALL = {
    called: '+15550100',
    caller: '+15550123',
    sources: [],
    strictAddresses: false,
    declaredAuth: undefined,
  };
  const rule = (id: string, fields: object) =>
    parseRule({
      sip_dispatch_rule_id: id,
      rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
      ...fields,
    });
  const judged = (trunks: object[], rules: ReturnType<typeof rule>[]) =>
    judge(new Snapshot({ trunks: trunks.map(parseTrunk), rules }), CALL);
  const ON = { trunk_ids: ['ST_1'] };
  const ST_1 = { sip_trunk_id: 'ST_1', numbers: ['+15550100'] };
  const ruleOf = ({ dispatch }: ReturnType<typeof judged>) =>
    dispatch?.kind === 'rule' ? dispatch.rule.sip_dispatch_rule_id : dispatch?.kind;

  it('gets in through the wildcard rule that takes its numbers, if no trunk matches', () => {
    const rules = [rule('SDR_1', { numbers: ['+15550199'] }), rule('SDR_2', { numbers: ['+15550100'] })];
    assert.equal(judged([], rules).wildcardBypass?.sip_dispatch_rule_id, 'SDR_2');
    assert.equal(judged([], rules.slice(0, 1)).wildcardBypass, undefined);
    assert.equal(judged([ST_1], rules).wildcardBypass, undefined);
  });

  it('gets a rule with a pin, which LiveKit then asks for', () => {
    assert.equal(
      ruleOf(judged([ST_1], [rule('SDR_1', { ...ON, rule: { dispatch_rule_direct: { pin: '1' } } })])),
      'SDR_1',
    );
  });

  it('gets a known rule before one of an unknown kind, which may take it as well', () => {
    const odd = rule('SDR_odd', { ...ON, rule: {} });
    assert.equal(ruleOf(judged([ST_1], [odd, rule('SDR_1', ON)])), 'SDR_1');
    assert.equal(ruleOf(judged([ST_1], [odd])), 'SDR_odd');
    assert.equal(ruleOf(judged([ST_1], [rule('SDR_odd', { ...ON, rule: {}, numbers: ['+15550199'] })])), 'none');
  });

  it('gets none of two rules that clash, whatever its number', () => {
    assert.equal(ruleOf(judged([ST_1], [rule('SDR_1', ON), rule('SDR_2', ON)])), 'conflict');
    const others = { ...ON, numbers: ['+15550199'] };
    assert.equal(ruleOf(judged([ST_1], [rule('SDR_1', others), rule('SDR_2', others), rule('SDR_3', ON)])), 'conflict');
  });
});

describe('a caller who is kept as a hash', () => {
  const hashKey = 'a key of sixteen or more characters';
  const call = { called: '+15550100', sources: [], declaredAuth: undefined, strictAddresses: false, hashKey };
  const dispatched = (caller: string, inbound_numbers: string[], elsewhere: string[]) => {
    const snapshot = new Snapshot({
      trunks: [
        parseTrunk({ sip_trunk_id: 'ST_1', numbers: ['+15550100'] }),
        parseTrunk({ sip_trunk_id: 'ST_2', numbers: ['+15550142'], allowed_numbers: elsewhere }),
      ],
      rules: [
        parseRule({
          sip_dispatch_rule_id: 'SDR_1',
          trunk_ids: ['ST_1'],
          inbound_numbers,
          rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
        }),
      ],
    });
    return judge(snapshot, { ...call, caller: hashCaller(hashKey, caller) }).dispatch?.kind;
  };
  for (const [what, caller, listed, wanted, ...elsewhere] of [
    ['is in a rule’s list, though a trunk lists another form', '15550123', ['15550123'], 'rule', '+15550123'],
    ['is not in a rule’s list if two lists have other forms', '15550123', ['+15550123 '], 'none', '+15550123'],
    ['is not in it, whichever is longer', '15550123', ['+15550123'], 'none', '+15550123 '],
    ['is in a rule’s list as written', '+15550123', ['+15550199', '+15550123'], 'rule'],
    ['is not in a rule’s list that has another form', '15550123', ['+15550123'], 'none'],
    ['is not in a list of others', '+15550123', ['+15550199'], 'none'],
  ] as const) {
    it(what, () => assert.equal(dispatched(caller, [...listed], elsewhere), wanted));
  }
});

it('a hashed caller is in no list if the key is not known', () => {
  const caller = hashCaller('a key of sixteen or more characters', '+15550123');
  const snapshot = new Snapshot({
    trunks: [parseTrunk({ sip_trunk_id: 'ST_1', allowed_numbers: ['+15550123'] })],
    rules: [],
  });
  const asked = { called: '+15550100', caller, sources: [], declaredAuth: undefined, strictAddresses: false };
  assert.equal(judge(snapshot, asked).trunks[0]?.caller, 'fail');
  assert.equal(judge(snapshot, asked).listedCaller, caller);
});

describe('a configuration without dispatch rules', () => {
  it('has none for any trunk', () => {
    const snapshot = new Snapshot({
      trunks: [parseTrunk({ sip_trunk_id: 'ST_1', numbers: ['+15550100'] })],
      rules: [],
    });
    const call = {
      called: '+15550100',
      caller: undefined,
      sources: [],
      declaredAuth: undefined,
      strictAddresses: false,
    };
    assert.deepEqual(judge(snapshot, call).dispatch, { kind: 'none', why: 'no_rules', rules: [], count: 0 });
  });
});
