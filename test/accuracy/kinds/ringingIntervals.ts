import type { Random } from '../../oracle/random.ts';
import { type Attempt, attempt, LONG_MS, type Play } from '../generatedAttempt.ts';
import { uuid } from '../generatedJambonz.ts';
import { meantOtherwise } from '../meant.ts';
import type { World } from '../world.ts';
import { type KindCase, kindCase, type Setting } from './kindCase.ts';
import { nameAgents } from './namedAgents.ts';
import { answeredAt, between, RINGS_FROM_MS, rejectedAt, ringing } from './ringing.ts';
import { type Guest, roomStory } from './roomStory.ts';
import { admittedWorld, bypassedWorld, ofUnknownSource, ownSite, refusedWorld } from './sites.ts';

// A LiveKit on one's own machine that repeats its 180 every 1 to 60 seconds. One 180 and then silence is a refusal, or a
// call that was over before the second one.

/** How long nothing must follow the one 180, in milliseconds, for it to be silence. */
const SILENT_MS = 2_200;
/** The longest interval that may be set. */
const LONGEST_MS = 60_000;

export function ringingInterval(random: Random): KindCase {
  return random.chance(0.6) ? admitted(random) : random.chance(0.75) ? refused(random) : refusedByAnother(random);
}

const NO_TELLING = [['unclassified'], ['agent_not_joined']];

function admitted(random: Random): KindCase {
  const isHole = random.chance(0.1);
  const world = isHole ? bypassedWorld(random, ownSite(random)) : admittedWorld(random, ownSite(random));
  nameAgents(random, world.rule);
  const seconds = random.chance(0.5) ? between(random, 2, 12) : between(random, 1, 60);
  const end = random.chance(0.5) ? between(random, 3_000, 20_000) : between(random, 3_000, 75_000);
  const isKnown = random.chance(0.85);
  const isTold = random.chance(0.4);
  const unknown: Setting = isKnown ? {} : { configuration: null };
  switch (random.pick(['timeout', 'timeout', 'timeout', 'hung_up', 'hung_up', 'rang_out', 'answered'])) {
    case 'answered':
      return kindCase(
        world,
        stay(world, isTold, { answers: answeredAt(end, seconds), timeout: LONG_MS }, end, []),
        unknown,
      );
    case 'rang_out': {
      const limit = !isHole && random.chance(0.7) ? between(random, 4, 60) : 180;
      if (limit < 180) world.trunk.ringing_timeout = `${limit}s`;
      const over = RINGS_FROM_MS + limit * 1_000 + random.below(80);
      const play = { answers: rejectedAt(over, seconds), timeout: LONG_MS };
      const isOpen = !isKnown && !isTold && limit < 180;
      const others = [['livekit_room_closed'], ['agent_rejected_call'], ['livekit_sip_cannot_join'], ['unclassified']];
      const made = stay(world, isTold, play, over, ['agent_not_joined'], isOpen ? others : []);
      return kindCase(world, made, { ...unknown, ...(isOpen && { isOpen }) });
    }
    case 'hung_up':
      return unanswered(world, { isTold, unknown, seconds, end, isCaller: true });
    default:
      return unanswered(world, { isTold, unknown, seconds, end, isCaller: false });
  }
}

interface Wait {
  readonly isTold: boolean;
  readonly unknown: Setting;
  readonly seconds: number;
  readonly end: number;
  readonly isCaller: boolean;
}

/** Nobody came until the dial or the caller gave up. */
function unanswered(world: World, { isTold, unknown, seconds, end, isCaller }: Wait): KindCase {
  const limit = isCaller ? { timeout: LONG_MS, hungUpAfter: end } : { timeout: end };
  const play = { answers: ringing(LONG_MS, seconds), ...limit };
  const hasOne = RINGS_FROM_MS + seconds * 1_000 >= end;
  const isImpatient = isCaller && end < 10_500;
  const isOpen = hasOne && !isTold;
  const also = [
    ...(isOpen ? [...NO_TELLING, ...ofUnknownSource(world)] : []),
    ...(isImpatient ? [['caller_abandoned']] : []),
  ];
  const made = stay(world, isTold, play, end, ['agent_not_joined'], also);
  return kindCase(world, made, { ...unknown, isOpen, isReporting: isTold });
}

function stay(
  world: World,
  isTold: boolean,
  play: Play,
  end: number,
  blocking: readonly string[],
  also: readonly (readonly string[])[] = [],
): Attempt {
  const { random, trunk, rule, caller, called } = world;
  const callId = uuid(random);
  const reason = 'CLIENT_INITIATED';
  const isAnswered = blocking.length === 0;
  const leaves = isAnswered ? end + 42_000 : end + 20;
  const agent: Guest = { kind: 'AGENT', joins: end - 900, publishes: end - 15, leaves: leaves + 50, reason };
  const ids = { callId, caller, called, trunkId: trunk.sip_trunk_id, ruleId: rule.sip_dispatch_rule_id };
  const guests = isAnswered ? [agent] : [];
  const story = { ...ids, joins: 110, leaves, reason, guests, finished: leaves + 20_000 };
  const delivered = isTold ? roomStory(random, story) : [];
  return attempt(
    world,
    { isSeen: random.chance(0.3), callId },
    { ...play, delivered },
    { blocking, also, isHole: undefined },
  );
}

/** The configuration refuses the call: one 180, and silence until somebody gives up. */
function refused(random: Random): KindCase {
  const { world, causes } = refusedWorld(random, ownSite(random));
  const hasNoSbcAddress = random.chance(0.1);
  const isSeen = random.chance(0.3);
  const also = meantOtherwise(world, isSeen);
  const made = attempt(world, { isSeen }, silence(random), { blocking: causes, also });
  if (random.chance(0.85)) return kindCase(world, made, { hasNoSbcAddress, isReporting: true });
  const truth = { ...made.truth, blocking: ['unclassified'], also: NO_TELLING, latent: [] };
  return kindCase(world, { ...made, truth }, { configuration: null, hasNoSbcAddress, isOpen: true });
}

function silence(random: Random): Play {
  const end = between(random, SILENT_MS + RINGS_FROM_MS + 400, 75_000);
  const answers = [{ after: RINGS_FROM_MS, status: 180, reason: 'Ringing' }];
  // A short wait of the caller's is a caller who did not wait: that is another kind.
  return random.chance(0.5) ? { answers, timeout: end } : { answers, timeout: LONG_MS, hungUpAfter: end + 8_000 };
}

/** LiveKit had another configuration than the one that is known, which admits the call. */
function refusedByAnother(random: Random): KindCase {
  const world = admittedWorld(random, ownSite(random));
  const play = silence(random);
  const waited = (play.hungUpAfter ?? play.timeout) - RINGS_FROM_MS;
  // An interval of a minute would have shown itself.
  const also = [...(waited < LONGEST_MS + 500 ? [['agent_not_joined']] : []), ...ofUnknownSource(world)];
  const made = attempt(world, { isSeen: random.chance(0.3) }, play, { blocking: ['unclassified'], also });
  return kindCase(world, made, { isOpen: true });
}
