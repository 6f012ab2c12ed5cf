import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionsOf, fixesOf, updatesOf } from './auditedConfiguration.ts';

const CALLED = '+15550100';
const OTHER = '+15550101';

describe('the fixes of a trunk conflict', () => {
  const ID = 'trunk_conflicts_at_call_time';
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
      `Remove ${CALLED} from ST_1. Then ST_2 accepts these calls.`,
      `Remove ${CALLED} from ST_2. Then ST_1 accepts these calls.`,
    ]);
  });

  for (const half of [{ auth_username: 'livekit_client' }, { auth_password: 'secret' }]) {
    it(`do not count ${Object.keys(half).join()} alone as a limit`, () => {
      const trunks = { ST_1: BOTH, ST_2: { numbers: [CALLED, '+15550102'], ...half } };
      assert.deepEqual(actionsOf(ID, { trunks }).slice(0, 2), [
        `Remove ${CALLED} from ST_1. Then ST_2 accepts these calls.`,
        `Remove ${CALLED} from ST_2. Then ST_1 accepts these calls.`,
      ]);
    });
  }

  for (const narrow of [
    { allowed_numbers: ['+15550123'] },
    { allowed_addresses: ['192.0.2.1'] },
    { auth_username: 'livekit_client', auth_password: 'secret' },
  ]) {
    it(`keep the number first on the trunk that refuses fewer calls: ${Object.keys(narrow).join(', ')}`, () => {
      const limited = { numbers: [CALLED, '+15550102'], ...narrow };
      for (const trunks of [
        { ST_n: limited, ST_w: BOTH },
        { ST_w: BOTH, ST_n: limited },
      ]) {
        const [first, second, third] = actionsOf(ID, { trunks });
        assert.equal(first, `Remove ${CALLED} from ST_n. Then ST_w accepts these calls.`);
        assert.match(
          second ?? '',
          /^Remove \+15550100 from ST_w\. Then ST_n accepts these calls, but only (from|sent|with) /,
        );
        assert.match(third ?? '', /do not overlap, or delete the one that no call needs\.$/);
      }
    });
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
