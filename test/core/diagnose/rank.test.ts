import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Claim } from '../../../src/core/diagnose/cause.ts';
import { CAUSES, type CauseId } from '../../../src/core/diagnose/causes.ts';
import type { Metadata } from '../../../src/core/diagnose/facts/facts.ts';
import { rank } from '../../../src/core/diagnose/rank.ts';
import type { Judgement } from '../../../src/core/trunks/judge/judge.ts';

const FRESH: Metadata = { state: 'fresh', ageSeconds: 5 };
const STALE: Metadata = { state: 'stale', ageSeconds: 7_200 };

function claim(id: CauseId, standing: Claim['standing'], basis: Claim['basis'], confidence: Claim['confidence']) {
  const cause = CAUSES.find((known) => known.id === id);
  assert.ok(cause);
  return { cause, claim: { standing, basis, confidence, evidence: [] } };
}

/** The ids of each standing, the blocking ones with their confidence. */
function ranked(claims: readonly ReturnType<typeof claim>[], metadata = FRESH) {
  const { blocking, latent, alternatives } = rank(claims, { metadata, match: undefined });
  return {
    blocking: blocking.map(({ cause, claim: { confidence } }) => `${cause.id}: ${confidence}`),
    latent: latent.map(({ cause }) => cause.id),
    alternatives: alternatives.map(({ cause }) => cause.id),
  };
}

const CALLER = claim('caller_not_allowed', 'blocking', 'configured', 'certain');
const CALLED = claim('called_number_not_on_trunk', 'blocking', 'configured', 'certain');
const AUTH = claim('auth_missing', 'blocking', 'observed', 'certain');
const OUTAGE = claim('livekit_unavailable', 'blocking', 'observed', 'likely');
const LIMIT = claim('jambonz_capacity', 'blocking', 'observed', 'certain');

describe('the ranking', () => {
  test('puts first what stops the call first on its way', () => {
    const { blocking } = ranked([AUTH, CALLER, CALLED]);
    assert.deepEqual(blocking, [
      'called_number_not_on_trunk: certain',
      'caller_not_allowed: certain',
      'auth_missing: certain',
    ]);
  });

  test('makes nothing certain while an alternative cannot be excluded', () => {
    const open = claim('transport_unreachable', 'alternative', 'observed', 'possible');
    assert.deepEqual(ranked([CALLER, open]), {
      blocking: ['caller_not_allowed: likely'],
      latent: [],
      alternatives: ['transport_unreachable'],
    });
  });

  test('leaves what is less than likely as it is', () => {
    const weak = claim('transport_unreachable', 'blocking', 'observed', 'possible');
    const open = claim('media_negotiation_failed', 'alternative', 'observed', 'possible');
    assert.deepEqual(ranked([weak, open]).blocking, ['transport_unreachable: possible']);
  });

  test('has what the configuration shows come next after what the call itself shows in operation', () => {
    assert.deepEqual(ranked([CALLER, OUTAGE]), {
      blocking: ['livekit_unavailable: likely'],
      latent: ['caller_not_allowed'],
      alternatives: [],
    });
  });

  test('has what is merely possible give way to faults that are known to be there', () => {
    const guess = claim('livekit_unavailable', 'blocking', 'observed', 'possible');
    assert.deepEqual(ranked([CALLER, guess]), {
      blocking: ['caller_not_allowed: likely'],
      latent: [],
      alternatives: ['livekit_unavailable'],
    });
    assert.deepEqual(ranked([CALLER, guess, LIMIT]).blocking, [
      'jambonz_capacity: certain',
      'livekit_unavailable: possible',
    ]);
  });

  test('keeps beside it what the configuration shows where the call shows another fault of that kind', () => {
    assert.deepEqual(ranked([CALLER, AUTH]).blocking, ['caller_not_allowed: certain', 'auth_missing: certain']);
  });

  test('makes nothing certain that rests on a configuration which is stale', () => {
    assert.deepEqual(ranked([CALLER], STALE).blocking, ['caller_not_allowed: likely']);
    assert.deepEqual(ranked([LIMIT], STALE).blocking, ['jambonz_capacity: certain']);
  });

  test('makes no fault of a trunk certain while another of its fields is not known', () => {
    const unknown = claim('source_address_not_allowed', 'latent', 'configured', 'possible');
    assert.deepEqual(ranked([CALLER, unknown]).blocking, ['caller_not_allowed: likely']);
    const credentials = claim('auth_missing', 'latent', 'configured', 'possible');
    assert.deepEqual(ranked([CALLER, credentials]).blocking, ['caller_not_allowed: certain']);
  });

  test('makes certain what LiveKit says itself, also where the configuration is stale', () => {
    const closed = claim('livekit_room_closed', 'blocking', 'observed', 'certain');
    assert.deepEqual(ranked([closed], STALE).blocking, ['livekit_room_closed: likely']);
    const said = { ...closed, claim: { ...closed.claim, saidByLiveKit: true as const } };
    assert.deepEqual(ranked([said], STALE).blocking, ['livekit_room_closed: certain']);
  });

  test('makes a fault of a trunk that is only guessed to be meant not certain, but a lack of rules is no trunk’s', () => {
    const others = (equallyNear: number, alike = false) =>
      ({ likelyTrunk: { called: 'fail', alike }, equallyNear }) as unknown as Judgement;
    const confidenceOf = (claimed: ReturnType<typeof claim>, match: Judgement) =>
      rank([claimed], { metadata: FRESH, match }).blocking.map(({ claim }) => claim.confidence);
    const fault = claim('no_dispatch_rule', 'blocking', 'configured', 'certain');
    const noRule = { ...fault, claim: { ...fault.claim, onEveryTrunk: true as const } };
    const otherTrunk = claim('dispatch_rule_other_trunk', 'blocking', 'configured', 'certain');
    assert.deepEqual(confidenceOf(CALLER, others(1)), ['likely']);
    assert.deepEqual(confidenceOf(otherTrunk, others(1)), ['likely']);
    assert.deepEqual(confidenceOf(noRule, others(1)), ['certain']);
    assert.deepEqual(confidenceOf(CALLER, others(0)), ['certain'], 'no other trunk is as near');
    assert.deepEqual(confidenceOf(CALLER, others(1, true)), ['certain'], 'its number is written in another form');
    assert.deepEqual(confidenceOf(AUTH, others(1)), ['certain'], 'the call itself shows it');
  });

  test('makes no fault certain that LiveKit may not refuse, or that a wildcard rule may bypass', () => {
    const confidenceOf = (claimed: ReturnType<typeof claim>, match: object | undefined, isRefusalKnown: boolean) =>
      rank([claimed], { metadata: FRESH, match: match as Judgement | undefined }, isRefusalKnown).blocking.map(
        (ranked) => ranked.claim.confidence,
      );
    const bypass = { wildcardBypass: {}, equallyNear: 0 };
    assert.deepEqual(confidenceOf(CALLER, undefined, true), ['certain']);
    assert.deepEqual(confidenceOf(CALLER, undefined, false), ['likely']);
    assert.deepEqual(confidenceOf(CALLER, bypass, true), ['likely']);
    assert.deepEqual(confidenceOf(LIMIT, bypass, false), ['certain'], 'it does not rest on the configuration');
  });

  test('keeps a fault certain beside a next blocker that is more than possible', () => {
    const next = claim('caller_not_allowed', 'latent', 'configured', 'likely');
    assert.deepEqual(ranked([CALLED, next]).blocking, ['called_number_not_on_trunk: certain']);
  });

  test('keeps certain what the call itself shows beside a fault of a trunk that is only guessed', () => {
    const match = { likelyTrunk: { called: 'fail', alike: false }, equallyNear: 1 } as unknown as Judgement;
    const confidences = (claims: readonly ReturnType<typeof claim>[]) =>
      rank(claims, { metadata: FRESH, match }).blocking.map((ranked) => ranked.claim.confidence);
    assert.deepEqual(confidences([CALLER, AUTH]), ['likely', 'certain']);
    assert.deepEqual(confidences([CALLED]), ['certain'], 'no trunk has the called number');
  });

  test('drops a general cause where another stops the call, and keeps it where none does', () => {
    const general = claim('carrier_rejected', 'blocking', 'observed', 'likely');
    const busy = claim('callee_busy', 'blocking', 'observed', 'likely');
    const open = claim('transport_unreachable', 'alternative', 'observed', 'possible');
    const next = claim('caller_not_allowed', 'latent', 'configured', 'likely');
    assert.deepEqual(ranked([general, busy]).blocking, ['callee_busy: likely']);
    assert.deepEqual(ranked([general, open, next]).blocking, ['carrier_rejected: likely']);
    const mayBe = claim('carrier_rejected', 'alternative', 'observed', 'possible');
    assert.deepEqual(ranked([mayBe, busy]).alternatives, ['carrier_rejected']);
  });

  test('of nothing is nothing', () => {
    assert.deepEqual(ranked([]), { blocking: [], latent: [], alternatives: [] });
  });
});
