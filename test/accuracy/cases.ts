import type { RecordedCase } from '../../src/core/replay/replay.ts';
import { Random } from '../oracle/random.ts';
import { faultyAttempt } from './faulty.ts';
import type { Attempt, Truth } from './generatedAttempt.ts';
import { admittedAttempt, emptyAttempt, otherAttempt, ownLeg } from './generatedAttempts.ts';
import { type Dial, endOf, type Manner, uuid, type Webhook, webhooksOf } from './generatedJambonz.ts';
import { asLkPrints } from './generatedMedia.ts';
import { roomWebhooks } from './generatedRoom.ts';
import { type Evidence, knowable } from './knowable.ts';
import { newWorld, type World } from './world.ts';

export interface GeneratedCase {
  readonly call: RecordedCase;
  readonly truths: readonly Truth[];
}

/** Case number `index`: the same each time. */
export function generate(index: number, evidence: Evidence): GeneratedCase {
  const random = new Random(index * 7_919 + 20_261_201);
  const world = newWorld(random);
  const manner: Manner = {
    isOldSbc: evidence === 'old_sbc',
    hasDialHook: random.chance(0.9),
    hooks: random.pick(['signed', 'signed', 'signed', 'unsigned', 'get']),
  };
  const { webhooks, truths } = random.chance(0.03) ? ownLeg(random, manner) : dialled(world, manner);
  const { livekit_url, livekit_sip_host } = world.site;
  return {
    truths: truths.map((truth) => knowable(truth, evidence)),
    call: {
      id: `generated-${index}-${evidence}`,
      ...(livekit_url && { livekit_url }),
      ...(livekit_sip_host && { livekit_sip_host }),
      ...(evidence !== 'no_sbc_address' && { sbc_addresses: [...world.sbcs] }),
      ...(evidence !== 'no_configuration' && { livekit: configurationOf(world) }),
      webhooks: delivered(random, webhooks, manner, evidence === 'reordered'),
    },
  };
}

/** As the API gives it, or as lk prints each of the two lists. */
function configurationOf({ random, configuration }: World): Record<string, unknown> {
  const { inbound_trunks, dispatch_rules } = configuration;
  if (random.chance(0.7)) return { inbound_trunks, dispatch_rules };
  return {
    inbound_trunks: { items: asLkPrints(inbound_trunks) },
    dispatch_rules: random.chance(0.5) ? { items: asLkPrints(dispatch_rules) } : dispatch_rules,
  };
}

/** A call from outside, and what the application dialled for it. */
function dialled(world: World, manner: Manner): { webhooks: Webhook[]; truths: Truth[] } {
  const groups = dialsOf(world);
  const dials = groups.map(dialOf);
  const { sent, invitedAt } = webhooksOf(world.random, dials, manner);
  const delivered = groups.flatMap((attempts, i) =>
    attempts.flatMap((attempt) =>
      attempt.delivered.map((webhook) => ({ ...webhook, at_ms: webhook.at_ms + (invitedAt[i] ?? 0) })),
    ),
  );
  const truths = groups.flatMap((attempts, i) => {
    const dial = dials[i];
    return dial ? attempts.map((attempt) => besideOthers(attempt, dial)) : [];
  });
  return { webhooks: [...sent, ...delivered, ...(world.random.chance(0.2) ? somebodyElses(world) : [])], truths };
}

/** LiveKit's webhooks of a call that has nothing to do with this one. */
function somebodyElses({ random, numbers }: World): Webhook[] {
  const call = { callId: uuid(random), caller: numbers.next(), called: numbers.next(), trunkId: 'ST_elsewhere' };
  const agent = random.chance(0.5) ? { joins: 400, publishes: 600 } : undefined;
  return roomWebhooks(random, call, agent, 20_000, 'CLIENT_INITIATED');
}

/** The legs of each dial, one dial after the other. */
function dialsOf(world: World): Attempt[][] {
  const { random } = world;
  switch (random.pick(['livekit', 'livekit', 'livekit', 'livekit', 'livekit', 'other', 'empty', 'again', 'both'])) {
    case 'other':
      return [[otherAttempt(world)]];
    case 'empty':
      return [[random.chance(0.4) ? emptyAttempt(world) : livekitAttempt(world, random.chance(0.5))]];
    case 'again': {
      // After a failure the application tries the same again, or somebody else.
      const first = livekitAttempt(world, false);
      if (first.hungUpAfter !== undefined || first.truth.blocking.length === 0) return [[first]];
      return [[first], [random.chance(0.5) ? otherAttempt(world) : sameAgain(random, first)]];
    }
    case 'both': {
      const first = livekitAttempt(world, false);
      const last = first.leg.answers.at(-1)?.after ?? 0;
      const isShort = first.leg.answers.every(({ status }) => status < 200) || last < 40_000;
      if (!isShort || first.hungUpAfter !== undefined) return [[first]];
      return [
        [
          { ...first, timeout: 50_000 },
          { ...otherAttempt(world), timeout: 50_000 },
        ],
      ];
    }
    default:
      return [[livekitAttempt(world, random.chance(0.5))]];
  }
}

function livekitAttempt(world: World, isTold: boolean): Attempt {
  return world.random.chance(0.3) ? admittedAttempt(world, isTold) : faultyAttempt(world);
}

function sameAgain(random: Random, { leg, truth, ...rest }: Attempt): Attempt {
  const callSid = uuid(random);
  return { ...rest, leg: { ...leg, callSid, callId: uuid(random) }, truth: { ...truth, callSid } };
}

function dialOf(attempts: readonly Attempt[]): Dial {
  const [{ timeout, hungUpAfter } = { timeout: 0, hungUpAfter: undefined }] = attempts;
  return { legs: attempts.map(({ leg }) => leg), timeout, hungUpAfter };
}

/** A leg that another leg of its dial cut short did not fail, unless it was lost before. */
function besideOthers({ leg, truth }: Attempt, dial: Dial): Truth {
  const end = endOf(dial);
  if (dial.legs.length < 2) return truth;
  const final = leg.answers.find(({ status }) => status >= 200);
  if (end.answered === leg || (final && final.after <= end.after)) return truth;
  const rings = leg.answers.filter(({ status, after }) => status === 180 && after < end.after);
  const isLiveKits = leg.answers.some(({ reason }) => reason === 'Ringing') && truth.isHole !== undefined;
  const [ring] = rings;
  const wasRefused =
    isLiveKits && rings.length === 1 && !final && leg.to.startsWith('sip:') && truth.blocking.length > 0;
  if (end.answered) {
    const lost = { ...truth, blocking: ['callee_no_answer'], latent: [], isHole: undefined };
    const silence = ring ? end.after - ring.after : 0;
    return wasRefused && silence > 2_200 ? truth : { ...lost, also: wasRefused ? [truth.blocking, ...truth.also] : [] };
  }
  // The dial gave up before it could be seen how the leg would have ended.
  return final ? { ...truth, also: [...truth.also, ['unclassified'], ['sip_timeout']] } : truth;
}

/** How the webhooks arrive: each a little late, some twice, and where they are reordered, in another order. */
function delivered(
  random: Random,
  webhooks: readonly Webhook[],
  { hooks }: Manner,
  isReordered: boolean,
): RecordedCase['webhooks'] {
  const times = webhooks.map(({ at_ms }) => at_ms + random.below(20)).sort((a, b) => a - b);
  const inOrder = webhooks
    .toSorted((a, b) => a.at_ms - b.at_ms)
    .map((webhook, i) => ({ ...webhook, at_ms: times[i] ?? 0 }));
  const late = isReordered
    ? inOrder.map((webhook) =>
        random.chance(0.25) ? { ...webhook, at_ms: webhook.at_ms + random.below(2_500) } : webhook,
      )
    : inOrder;
  const repeats = random.chance(0.15)
    ? late
        .filter(() => random.chance(0.3))
        .map((webhook) => {
          // Without a signature a repeat can only be told from another event where it comes at once.
          const isSigned = hooks === 'signed' || webhook.path.startsWith('/livekit');
          return { ...webhook, at_ms: webhook.at_ms + random.below(isSigned ? 30_000 : 400) };
        })
    : [];
  return [...late, ...repeats].sort((a, b) => a.at_ms - b.at_ms);
}
