import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionsOf, fixesOf, updatesOf } from './auditedConfiguration.ts';

const CALLED = '+15550100';
const OTHER = '+15550101';

describe('the fixes of a trunk conflict', () => {
  const ID = 'trunk_conflicts_at_call_time';
  const OPENLY = ', from every address and without a password';
  const BOTH = { numbers: [CALLED, OTHER] };
  /** Limits for a person to fill in. */
  const APART = ['ST_1', 'ST_2'].map((sip_trunk_id) => ({
    sip_trunk_id,
    update: { allowed_addresses: { set: [`<an address from which calls for ${sip_trunk_id} come>`] } },
  }));

  it('never remove the only number of a trunk, which would make it a default trunk', () => {
    const trunks = { ST_1: { numbers: [CALLED, '15550100'] }, ST_2: { numbers: ['15550100', OTHER] } };
    assert.deepEqual(updatesOf(ID, { trunks }), [
      { sip_trunk_id: 'ST_2', update: { numbers: { remove: ['15550100'] } } },
      ...APART,
    ]);
  });

  it('remove every number that both have', () => {
    const trunks = { ST_1: BOTH, ST_2: { numbers: [OTHER, '15550100', '+15550102'] } };
    assert.deepEqual(updatesOf(ID, { trunks }), [
      { sip_trunk_id: 'ST_2', update: { numbers: { remove: [OTHER, '15550100'] } } },
      ...APART,
    ]);
  });

  it('remove them from the first trunk first if both refuse as few calls', () => {
    const trunks = { ST_1: BOTH, ST_2: { numbers: [CALLED, '+15550102'] } };
    assert.deepEqual(actionsOf(ID, { trunks }).slice(0, 2), [
      `Remove ${CALLED} from ST_1. Then ST_2 accepts these calls${OPENLY}.`,
      `Remove ${CALLED} from ST_2. Then ST_1 accepts these calls${OPENLY}.`,
    ]);
  });

  for (const half of [{ auth_username: 'livekit_client' }, { auth_password: 'secret' }]) {
    it(`do not count ${Object.keys(half).join()} alone as a limit`, () => {
      const trunks = { ST_1: BOTH, ST_2: { numbers: [CALLED, '+15550102'], ...half } };
      assert.deepEqual(actionsOf(ID, { trunks }).slice(0, 2), [
        `Remove ${CALLED} from ST_1. Then ST_2 accepts these calls${OPENLY}.`,
        `Remove ${CALLED} from ST_2. Then ST_1 accepts these calls${OPENLY}.`,
      ]);
    });
  }

  it('keep the number first on the trunk that refuses fewer callers', () => {
    for (const trunks of bothOrders({ allowed_numbers: ['+15550123'] })) {
      const [first, second, third] = actionsOf(ID, { trunks });
      assert.equal(first, `Remove ${CALLED} from ST_n. Then ST_w accepts these calls${OPENLY}.`);
      assert.match(
        second ?? '',
        /^Remove \+15550100 from ST_w\. Then ST_n accepts these calls, from every address and without a password, but only from the caller /,
      );
      assert.match(third ?? '', /do not overlap, or delete the one that no call needs\.$/);
    }
  });

  for (const guard of [
    { allowed_addresses: ['192.0.2.1'] },
    { auth_username: 'livekit_client', auth_password: 'secret' },
  ]) {
    it(`leave the number last to the trunk without a password and addresses: ${Object.keys(guard).join(', ')}`, () => {
      for (const trunks of bothOrders(guard)) {
        const [first, second, third] = actionsOf(ID, { trunks });
        assert.match(
          first ?? '',
          /^Remove \+15550100 from ST_w\. Then ST_n accepts these calls, but only (sent|with) /,
        );
        assert.match(second ?? '', /do not overlap, or delete the one that no call needs\.$/);
        assert.equal(third, `Remove ${CALLED} from ST_n. Then ST_w accepts these calls${OPENLY}.`);
      }
    });
  }

  /** A trunk with a limit and one without, in both orders. */
  function bothOrders(limit: object): Readonly<Record<string, object>>[] {
    const limited = { numbers: [CALLED, '+15550102'], ...limit };
    return [
      { ST_n: limited, ST_w: BOTH },
      { ST_w: BOTH, ST_n: limited },
    ];
  }
});

describe('the fix of an open trunk', () => {
  const changeOf = (allowed_addresses: string[], sbcAddresses: string[]) =>
    fixesOf('trunk_open', { trunks: { ST_1: { numbers: [CALLED], allowed_addresses } }, sbcAddresses }).flatMap(
      ({ change }) => change ?? [],
    );
  const list = { kind: 'trunk', sip_trunk_id: 'ST_1', field: 'allowed_addresses' };

  it('allows the SBCs, and removes what LiveKit ignores', () => {
    assert.deepEqual(changeOf([], ['192.0.2.1']), [{ ...list, add: ['192.0.2.1'] }]);
    assert.deepEqual(changeOf(['192.0.2.9;'], ['192.0.2.1']), [
      { ...list, add: ['192.0.2.1'], remove: ['192.0.2.9;'] },
    ]);
    assert.deepEqual(changeOf([], []), []);
  });
});

describe('the fix of credentials', () => {
  it('gives the application both before the trunk gets what is missing', () => {
    const update = (trunk: object) => Object(updatesOf('trunk_open', { trunks: { ST_1: trunk } })[0]).update;
    const [auth_username, auth_password] = ['<a username>', '<a long random password>'];
    assert.deepEqual(update({}), { auth_username, auth_password });
    assert.deepEqual(update({ auth_password: 'secret' }), { auth_username });
    assert.deepEqual(update({ auth_username: 'livekit_client' }), { auth_password });
    const missing = (trunk: object) => fixesOf('trunk_open', { trunks: { ST_1: trunk } })[0]?.pastes[0]?.text;
    const [action = ''] = actionsOf('trunk_open', { trunks: { ST_1: {} } });
    assert.match(
      action,
      /^Put auth .* into the application’s dial target\. Then give ST_1 a username and a password\.$/,
    );
    assert.equal(
      missing({}),
      `lk sip inbound update --id ST_1 --auth-user '<a username>' --auth-pass '<a long random password>'`,
    );
    assert.equal(missing({ auth_password: 'secret' }), `lk sip inbound update --id ST_1 --auth-user '<a username>'`);
    assert.equal(
      missing({ auth_username: 'livekit_client' }),
      `lk sip inbound update --id ST_1 --auth-pass '<a long random password>'`,
    );
  });
});
