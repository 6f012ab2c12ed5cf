import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TrunkIndex } from '../../../src/core/trunks/judge/trunkIndex.ts';
import { looseAddresses, matchTrunk, strictAddresses as strictly } from '../../../src/core/trunks/match/match.ts';
import { address, number, snapshot } from './arbitrary.ts';

const call = fc.record({ from_user: number, from_host: address, to_user: number, source_ip: address });

describe('an index over trunks', () => {
  it('chooses the trunk that LiveKit chooses, or the same clash', () => {
    fc.assert(
      fc.property(snapshot, call, fc.boolean(), ({ trunks }, asked, strictAddresses) => {
        const wanted = matchTrunk(trunks, asked, strictAddresses ? strictly : looseAddresses);
        const choice = new TrunkIndex(trunks).choose({ ...callOf(asked), strictAddresses }, 'fail');
        switch (choice.kind) {
          case 'empty':
          case 'none':
            assert.partialDeepStrictEqual(wanted, { ok: true, trunk: undefined, matchType: choice.kind });
            break;
          case 'specific':
          case 'default':
            assert.partialDeepStrictEqual(wanted, { ok: true, matchType: choice.kind });
            assert(wanted.ok && wanted.trunk === choice.trunk.trunk);
            break;
          default:
            assert.partialDeepStrictEqual(wanted, { ok: false, error: choice.kind });
            assert.deepEqual(
              wanted.ok || wanted.between.map((trunk) => trunk.sip_trunk_id),
              choice.between.map(({ trunk }) => trunk.sip_trunk_id),
            );
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

function callOf(asked: { from_user: string; from_host: string; to_user: string; source_ip: string }) {
  return { called: asked.to_user, caller: asked.from_user, sources: [asked.source_ip], fromHost: asked.from_host };
}
