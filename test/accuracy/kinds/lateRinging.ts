import type { Random } from '../../oracle/random.ts';
import { attempt, LONG_MS, type Play } from '../generatedAttempt.ts';
import { uuid } from '../generatedJambonz.ts';
import { meantOtherwise } from '../meant.ts';
import type { World } from '../world.ts';
import { type KindCase, kindCase } from './kindCase.ts';
import { answeredAt, between, ringing } from './ringing.ts';
import { type Guest, roomStory } from './roomStory.ts';
import { admittedWorld, cloudSite, ofUnknownSource, ownSite, refusedWorld } from './sites.ts';

// LiveKit Cloud may ring only after 3 to 20 s, or send 100 and then nothing. A LiveKit on one's own machine rings at once,
// so there, no ringing means that nobody answered at all.

export function lateRinging(random: Random): KindCase {
  return random.pick<() => KindCase>([
    () => refusedInSilence(random),
    () => refusedInSilence(random),
    () => refusedAfterLateRinging(random),
    () => unexplainedSilence(random),
    () => rangLate(random),
    () => rangLate(random),
    () => overBeforeRinging(random),
    () => unknownConfiguration(random),
    () => unreachable(random),
    () => ownWithoutRinging(random),
  ])();
}

/** Nothing or one late 180, until the dial or the caller gives up. */
function wait(random: Random, answers: Play['answers'], from: number): Play {
  const end = between(random, from, from + 45_000);
  return random.chance(0.6) ? { answers, timeout: end } : { answers, timeout: LONG_MS, hungUpAfter: end + 5_000 };
}

const late = (random: Random) => ({ after: between(random, 3_000, 20_000), status: 180, reason: 'Ringing' });

/** Without any 180 the network may be at fault as well: the configuration alone makes nothing certain. */
function refusedInSilence(random: Random): KindCase {
  const { world, causes } = refusedWorld(random, cloudSite(random));
  const isDoubtful = causes.join() === 'source_address_not_allowed' && ofUnknownSource(world).length > 0;
  const isSeen = random.chance(0.3);
  const isShort = random.chance(0.1);
  const short = { answers: [], timeout: LONG_MS, hungUpAfter: between(random, 5_500, 9_500) };
  const made = attempt(world, { isSeen }, isShort ? short : wait(random, [], 7_000), {
    blocking: causes,
    also: [
      ...meantOtherwise(world, isSeen),
      ...(isShort ? [['caller_abandoned']] : []),
      ...(isDoubtful ? [['sip_timeout'], ['unclassified']] : []),
    ],
  });
  return kindCase(world, made, { isOpen: true, isReporting: true });
}

function refusedAfterLateRinging(random: Random): KindCase {
  const { world, causes } = refusedWorld(random, cloudSite(random));
  const rings = late(random);
  const answer = { after: rings.after + between(random, 150, 900), status: 404, reason: 'No trunk found' };
  const isAnswered = random.chance(0.4);
  const play = isAnswered ? { answers: [rings, answer], timeout: LONG_MS } : wait(random, [rings], rings.after + 3_000);
  const isSeen = random.chance(0.3);
  const also = meantOtherwise(world, isSeen);
  const made = attempt(world, { isSeen }, play, { blocking: causes, also });
  return kindCase(world, made);
}

/** The known configuration admits the call: LiveKit had another one, or the packets were lost, or it was slow. */
function unexplainedSilence(random: Random): KindCase {
  const world = admittedWorld(random, cloudSite(random));
  const hasRung = random.chance(0.4);
  const rings = late(random);
  const play = hasRung ? wait(random, [rings], rings.after + 3_000) : wait(random, [], 7_000);
  const also = [...(hasRung ? [['agent_not_joined']] : [['sip_timeout']]), ...ofUnknownSource(world)];
  const made = attempt(world, { isSeen: random.chance(0.3) }, play, { blocking: ['unclassified'], also });
  return kindCase(world, made, { isOpen: true });
}

/** Without LiveKit's configuration, silence says nothing. */
function unknownConfiguration(random: Random): KindCase {
  const site = cloudSite(random);
  const world = random.chance(0.5) ? admittedWorld(random, site) : refusedWorld(random, site).world;
  const truth = { blocking: ['unclassified'], also: [['sip_timeout']] };
  const made = attempt(world, { isSeen: random.chance(0.3) }, wait(random, [], 7_000), truth);
  return kindCase(world, made, { configuration: null, isOpen: true });
}

/** A late 180 that is repeated, and an agent who comes or not. */
function rangLate(random: Random): KindCase {
  const world = admittedWorld(random, cloudSite(random));
  const from = between(random, 3_000, 20_000);
  if (random.chance(0.4)) {
    const at = from + between(random, 1_100, 9_000);
    return stayed(world, { answers: answeredAt(at, 1, from), timeout: LONG_MS }, at, [], []);
  }
  const end = from + between(random, 11_000, 40_000);
  const limit = random.chance(0.6) ? { timeout: end } : { timeout: LONG_MS, hungUpAfter: end };
  return stayed(world, { answers: ringing(LONG_MS, 1, from), ...limit }, end, ['agent_not_joined'], []);
}

/** LiveKit let the call in, and the dial gave up before its first 180. */
function overBeforeRinging(random: Random): KindCase {
  const world = admittedWorld(random, cloudSite(random));
  const end = between(random, 6_000, 18_000);
  const untold = [['sip_timeout'], ['unclassified'], ...ofUnknownSource(world)];
  return stayed(world, { answers: [], timeout: end }, end, ['agent_not_joined'], untold);
}

/** `untold`: sets that are as right where LiveKit's webhooks do not come; then nobody can tell. */
function stayed(
  world: World,
  play: Play,
  end: number,
  blocking: readonly string[],
  untold: readonly (readonly string[])[],
): KindCase {
  const { random, trunk, rule, caller, called } = world;
  const hasRung = play.answers.length > 0;
  // Before it has rung, Jambonz does not know the Call-ID; and a rule may hide the numbers.
  const hidesNumbers = random.chance(0.2);
  const isTold = random.chance(0.5) && (hasRung || !hidesNumbers);
  const callId = uuid(random);
  const isAnswered = blocking.length === 0;
  const leaves = isAnswered ? end + 42_000 : end + 20;
  const reason = 'CLIENT_INITIATED';
  const agent: Guest = { kind: 'AGENT', joins: end - 900, publishes: end - 15, leaves: leaves + 50, reason };
  const ids = { callId, caller, called, trunkId: trunk.sip_trunk_id, ruleId: rule.sip_dispatch_rule_id };
  const guests = isAnswered ? [agent] : [];
  const joins = between(random, 100, 2_500);
  const delivered = roomStory(random, {
    ...ids,
    hidesNumbers,
    joins,
    leaves,
    reason,
    guests,
    finished: leaves + 20_000,
  });
  const made = attempt(
    world,
    { isSeen: random.chance(0.3), callId },
    { ...play, delivered: isTold ? delivered : [] },
    { blocking, also: isTold ? [] : untold },
  );
  return kindCase(world, made, { isOpen: !isTold && untold.length > 0, isReporting: isTold });
}

/** Nobody answers at all, and the SIP stack says so. */
function unreachable(random: Random): KindCase {
  const site = random.chance(0.5) ? cloudSite(random) : ownSite(random);
  const world = random.chance(0.5) ? admittedWorld(random, site) : refusedWorld(random, site).world;
  const after = random.pick([32_000, 64_000]) + random.below(400);
  const play = { answers: [{ after, status: 408, reason: 'Request Timeout' }], timeout: LONG_MS };
  return kindCase(world, attempt(world, { isSeen: random.chance(0.3) }, play, { blocking: ['sip_timeout'] }));
}

/** The INVITE never came to LiveKit, which would have rung, whatever its configuration says. */
function ownWithoutRinging(random: Random): KindCase {
  const site = { ...ownSite(random), livekit_url: 'wss://livekit.example.org' };
  const world = random.chance(0.6) ? admittedWorld(random, site) : refusedWorld(random, site).world;
  const end = between(random, 7_000, 30_000);
  const play = random.chance(0.6) ? { answers: [], timeout: end } : { answers: [], timeout: LONG_MS, hungUpAfter: end };
  return kindCase(world, attempt(world, { isSeen: random.chance(0.3) }, play, { blocking: ['sip_timeout'] }));
}
