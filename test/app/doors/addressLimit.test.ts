import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AddressLimit, networkOf } from '../../../src/http/door/addressLimit.ts';

describe('a limit per address', () => {
  it('gives a burst, and then the rate', () => {
    const limit = new AddressLimit({ perSecond: 10, burst: 3 });
    const taken = [0, 0, 0, 0, 99, 100, 100, 200].map((now) => limit.take('a', now));
    assert.deepEqual(taken, [0, 0, 0, 100, 1, 0, 100, 0]);
  });

  it('gives the burst again after a rest', () => {
    const limit = new AddressLimit({ perSecond: 10, burst: 3 });
    for (const now of [0, 0, 0]) limit.take('a', now);
    assert.deepEqual(
      [300, 300, 300, 300].map((now) => limit.take('a', now)),
      [0, 0, 0, 100],
    );
  });

  it('is one for each address', () => {
    const limit = new AddressLimit({ perSecond: 1, burst: 1 });
    assert.deepEqual([limit.take('a', 0), limit.take('b', 0), limit.take('a', 0)], [0, 0, 1000]);
  });

  it('remembers so many addresses, and forgets the one that was quiet for longest', () => {
    const limit = new AddressLimit({ perSecond: 1, burst: 1 }, 2);
    for (const address of ['a', 'b', 'a', 'c']) limit.take(address, 0);
    assert.deepEqual([limit.take('a', 0), limit.take('c', 0), limit.take('b', 0)], [1000, 1000, 0]);
  });

  for (const [address, network] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '32.1.13.184.0.1.0.2/64'],
    ['2001:db8:1:2::9', '32.1.13.184.0.1.0.2/64'],
    ['2001:db8:1:3::9', '32.1.13.184.0.1.0.3/64'],
    ['::1', '0.0.0.0.0.0.0.0/64'],
    ['', ''],
  ] as const) {
    it(`counts ${address || 'no address'} as ${network || 'one more'}`, () =>
      assert.equal(networkOf(address), network));
  }
});
