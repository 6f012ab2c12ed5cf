import type { Random } from '../../oracle/random.ts';
import { elsewhere } from '../endings.ts';
import { putConflict, putIn } from '../faults.ts';
import { type Attempt, attempt, inviteOf, LONG_MS, type Play } from '../generatedAttempt.ts';
import { uuid } from '../generatedJambonz.ts';
import { admit, listsNumber } from '../generatedLivekit.ts';
import { meantOtherwise } from '../meant.ts';
import { newWorld, setPassword, type World } from '../world.ts';
import { type KindCase, kindCase } from './kindCase.ts';
import { answeredAt, between, RINGS_FROM_MS, rejectedAt, ringing } from './ringing.ts';
import { roomStory } from './roomStory.ts';
import { cloudSite, ownSite } from './sites.ts';

// LiveKit as a carrier of Jambonz: a number is dialled, the SBC takes its + away, and no webhook names the carrier.

type Sets = readonly (readonly string[])[];

/** What shows whether a number goes to LiveKit. */
interface Known {
  /** JAMBONZ_LIVEKIT_CARRIERS is set. */
  readonly isNamed: boolean;
  /** A trunk lists the number. */
  readonly isListed: boolean;
}

interface Ending {
  readonly play: Play;
  readonly blocking: readonly string[];
  readonly also?: Sets;
  /** As right where nothing shows that the carrier is LiveKit. */
  readonly asCarrier?: Sets;
  /** LiveKit's own words show it. */
  readonly isLiveKits?: (known: Known) => boolean;
}

export function carrierCall(random: Random): KindCase {
  return random.chance(0.2) ? ordinaryCarrier(random) : livekitCarrier(random);
}

function carriersOf(random: Random): string | undefined {
  return random.chance(0.5) ? random.pick(['LiveKit', 'LiveKit, livekit-eu', 'lk']) : undefined;
}

function livekitCarrier(random: Random): KindCase {
  const world = worldBehindCarrier(random);
  const ending = endingOf(random, world);
  const carriers = carriersOf(random);
  const isListed = world.configuration.inbound_trunks.some(
    ({ numbers }) => numbers.length > 0 && listsNumber(numbers, world.called),
  );
  const known = { isNamed: carriers !== undefined, isListed };
  // An old SBC puts the standard phrase in place of LiveKit's own.
  const isOldSbc = random.chance(0.12);
  const isBoth = known.isNamed && isListed;
  const isSettled = isBoth || (!isOldSbc && (ending.isLiveKits?.(known) ?? false));
  const isTold = (ending.play.delivered?.length ?? 0) > 0;
  const isOpen = !isSettled && !isTold && ending.blocking.length > 0;
  const truth = {
    blocking: ending.blocking,
    also: [...(ending.also ?? []), ...(isOpen ? (ending.asCarrier ?? []) : [])],
  };
  const { leg, ...made } = attempt(
    world,
    { isSeen: false, callId: CALL_ID.get(world) ?? uuid(random) },
    ending.play,
    truth,
  );
  const to = random.chance(0.5) ? `+${world.called}` : world.called;
  return kindCase(
    world,
    { ...made, leg: { ...leg, to, tag: undefined } },
    { ...(carriers && { carriers }), isOpen, isOldSbc },
  );
}

/** A call that gets in, with the number as the SBC sends it. */
function worldBehindCarrier(random: Random): World {
  const world: World = { ...newWorld(random), site: random.chance(0.5) ? ownSite(random) : cloudSite(random) };
  const dialled = world.called;
  world.called = dialled.replace('+', '');
  world.rule.numbers = world.rule.numbers.map((number) => (number === dialled ? world.called : number));
  const { kind } = admit(world.configuration, inviteOf(world));
  if (kind !== 'admitted') throw new Error(`the call was made to get in: ${kind}`);
  CALL_ID.set(world, uuid(random));
  return world;
}

/** The SIP Call-ID of the leg, which LiveKit's webhooks name as well. */
const CALL_ID = new WeakMap<World, string>();

const rang = { after: RINGS_FROM_MS, status: 180, reason: 'Ringing' };
const at = (random: Random) => between(random, 130, 900);

function endingOf(random: Random, world: World): Ending {
  return random.pick<() => Ending>([
    () => plusTaken(random, world),
    () => plusTaken(random, world),
    () => refused(random, world),
    () => refused(random, world),
    () => credentials(random, world),
    () => tryAgainLater(random, world),
    () => nobodyCame(random, world),
    () => nobodyCame(random, world),
    () => rangOut(random, world),
    () => media(random),
    () => ({ play: { answers: answeredAt(between(random, 300, 9_000)), timeout: LONG_MS }, blocking: [] }),
  ])();
}

/** The rule lists the number with its +, which is another number once the SBC has taken it away. */
function plusTaken(random: Random, world: World): Ending {
  world.rule.numbers = [`+${world.called}`, ...world.numbers.list(0, 1)];
  return refusal(random, world, ['dispatch_rule_number_mismatch']);
}

function refused(random: Random, world: World): Ending {
  const fault = random.pick(['called', 'source', 'caller'] as const);
  const before = world.called;
  const causes = [putIn(world, fault)];
  // A carrier takes numbers only, and their + away.
  world.called = /^\+?\d+$/.test(world.called) ? world.called.replace('+', '') : before;
  if (admit(world.configuration, inviteOf(world)).kind !== 'refused') world.called = world.numbers.next().slice(1);
  return refusal(random, world, causes);
}

function refusal(random: Random, world: World, blocking: readonly string[]): Ending {
  const also = meantOtherwise(world, false);
  if (random.chance(0.5)) {
    const reason = random.pick([
      'Does not match any SIP Trunks',
      'No trunk found',
      'Does not match Trunks or Dispatch Rules',
    ]);
    const answers = [...(random.chance(0.5) ? [rang] : []), { after: at(random), status: 404, reason }];
    const asCarrier = [['callee_unknown']];
    return { play: { answers, timeout: LONG_MS }, blocking, also, asCarrier, isLiveKits: () => true };
  }
  const end = between(random, 3_000, 50_000);
  const isCaller = random.chance(0.3);
  const play = isCaller
    ? { answers: [rang], timeout: LONG_MS, hungUpAfter: end + 8_000 }
    : { answers: [rang], timeout: end };
  const asCarrier = [[isCaller ? 'caller_abandoned' : 'callee_no_answer']];
  return { play, blocking, also, asCarrier };
}

function credentials(random: Random, { trunk }: World): Ending {
  setPassword(random, trunk);
  const isMissing = random.chance(0.5);
  const answer = isMissing ? ([407, 'Unauthorized'] as const) : ([401, 'Unauthorized'] as const);
  return {
    play: { answers: [{ after: at(random), status: answer[0], reason: answer[1] }], timeout: LONG_MS },
    blocking: [isMissing ? 'auth_missing' : 'auth_rejected'],
    asCarrier: [['carrier_rejected']],
  };
}

function tryAgainLater(random: Random, world: World): Ending {
  const isConflict = random.chance(0.5);
  if (isConflict) putConflict(world);
  return {
    play: { answers: [{ after: at(random), status: 503, reason: 'Try again later' }], timeout: LONG_MS },
    blocking: [isConflict ? 'trunk_conflict' : 'livekit_unavailable'],
    asCarrier: [['carrier_rejected']],
    isLiveKits: ({ isNamed, isListed }) => isNamed || isListed,
  };
}

function nobodyCame(random: Random, world: World): Ending {
  const end = between(random, 12_500, 50_000);
  const isCaller = random.chance(0.3);
  const limit = isCaller ? { timeout: LONG_MS, hungUpAfter: end } : { timeout: end };
  const play = { answers: ringing(LONG_MS), ...limit, delivered: random.chance(0.5) ? told(world, end) : [] };
  return { play, blocking: ['agent_not_joined'], asCarrier: [[isCaller ? 'caller_abandoned' : 'callee_no_answer']] };
}

function rangOut(random: Random, world: World): Ending {
  const seconds = between(random, 6, 60);
  world.trunk.ringing_timeout = `${seconds}s`;
  const end = RINGS_FROM_MS + seconds * 1_000 + random.below(80);
  return {
    play: { answers: rejectedAt(end), timeout: LONG_MS, delivered: random.chance(0.5) ? told(world, end - 30) : [] },
    blocking: ['agent_not_joined'],
    asCarrier: [['callee_busy']],
    isLiveKits: ({ isNamed, isListed }) => isNamed || isListed,
  };
}

function told(world: World, end: number) {
  const { random, trunk, rule, caller, called } = world;
  return roomStory(random, {
    ...{ callId: CALL_ID.get(world) ?? '', caller, called },
    ...{ trunkId: trunk.sip_trunk_id, ruleId: rule.sip_dispatch_rule_id },
    ...{ joins: 110, leaves: end + 20, reason: 'CLIENT_INITIATED', guests: [], finished: end + 20_000 },
  });
}

function media(random: Random): Ending {
  const answers = [rang, { after: 300 + random.below(300), status: 400, reason: '' }];
  const blocking = ['media_negotiation_failed'];
  return { play: { answers, timeout: LONG_MS }, blocking, asCarrier: [['carrier_rejected']] };
}

/** A call to a real telephone, beside LiveKit as a carrier or without it. */
function ordinaryCarrier(random: Random): KindCase {
  const world: World = { ...newWorld(random), site: random.chance(0.5) ? ownSite(random) : cloudSite(random) };
  const number = world.numbers.next();
  const { cause, answers, also = [] } = elsewhere(random, true);
  const carriers = carriersOf(random);
  const hasFinal = answers.some(({ status }) => status >= 200);
  const callSid = uuid(random);
  const isSilent = !hasFinal && carriers !== undefined;
  // One 180 and silence is how LiveKit drops a call whose number no trunk has.
  const sets = isSilent ? unlisted(world, number.slice(1)) : [];
  const made: Attempt = {
    leg: { callSid, callId: uuid(random), to: random.pick([number, number.slice(1)]), from: world.caller, answers },
    truth: {
      ...{ callSid, blocking: cause === 'connected' ? [] : [cause], latent: [], beneath: [], isHole: false },
      also: [...also.map((set) => [set]), ...sets],
    },
    timeout: hasFinal ? LONG_MS : between(random, 25_000, 55_000),
    delivered: [],
  };
  return kindCase(world, made, { ...(carriers && { carriers }), isOpen: isSilent });
}

/** What would be wrong if the number had gone to LiveKit. */
function unlisted(world: World, called: string): Sets {
  const { trunk } = world;
  // As if any other trunk had been meant, the known one too.
  const asked = { ...world, called, trunk: { ...trunk, numbers: [] } };
  return meantOtherwise(asked, false);
}
