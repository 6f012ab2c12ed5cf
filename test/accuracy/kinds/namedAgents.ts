import type { Random } from '../../oracle/random.ts';
import { type Attempt, attempt, LONG_MS, type Play } from '../generatedAttempt.ts';
import { uuid } from '../generatedJambonz.ts';
import type { Rule, Trunk } from '../generatedLivekit.ts';
import type { World } from '../world.ts';
import { type KindCase, kindCase } from './kindCase.ts';
import { answeredAt, between, RINGS_FROM_MS, rejectedAt, ringing } from './ringing.ts';
import { type Guest, type RoomStory, roomStory } from './roomStory.ts';
import { admittedWorld, bypassedWorld, cloudSite, ownSite } from './sites.ts';

// LiveKit let the call in: whom its rule dispatches, who came, and how the ringing ended.

/** What may have sent a 486 where LiveKit's webhooks do not say. */
const SOURCES_OF_486 = [
  ['livekit_room_closed'],
  ['agent_rejected_call'],
  ['livekit_sip_cannot_join'],
  ['unclassified'],
];

const NAMES = ['desk-agent', 'greeter', 'support agent', 'Agent-7', 'inbound'] as const;

export interface Ending {
  readonly play: Play;
  readonly story: Omit<RoomStory, 'callId' | 'caller' | 'called' | 'trunkId' | 'ruleId'>;
  readonly blocking: readonly string[];
  /** As right where LiveKit's webhooks tell, and where they don't. */
  readonly also?: readonly (readonly string[])[];
  readonly untold?: readonly (readonly string[])[];
  /** Nobody can tell without LiveKit's webhooks. */
  readonly isOpenUntold?: boolean;
  /** Nobody came whom the rule dispatches. */
  readonly isAgentMissing?: boolean;
  /** Only the trunk's own ringing_timeout tells. */
  readonly restsOnTrunk?: boolean;
}

/** An agent that the rule names or not, and how the call ended. */
export function namedAgent(random: Random): KindCase {
  const isHole = random.chance(0.08);
  const world = isHole
    ? bypassedWorld(random, ownSite(random))
    : admittedWorld(random, random.chance(0.5) ? ownSite(random) : cloudSite(random));
  const names = nameAgents(random, world.rule);
  const ending = endingOf(random, world, names, isHole);
  const isTold = random.chance(0.6);
  const isConfigurationKnown = random.chance(0.85);
  const callId = uuid(random);
  const { trunk, rule, caller, called } = world;
  const ids = { callId, caller, called, trunkId: isHole ? '' : trunk.sip_trunk_id, ruleId: rule.sip_dispatch_rule_id };
  const isTimeoutUnknown = ending.restsOnTrunk === true && !isConfigurationKnown;
  // A silent agent may have ended the call as well as waited for the timeout that nobody knows.
  const mayBeAgents = isTimeoutUnknown && ending.blocking[0] === 'agent_not_publishing';
  const isOpen = isTold ? mayBeAgents : (ending.isOpenUntold ?? isTimeoutUnknown);
  const untold = [...(ending.untold ?? []), ...(isOpen ? SOURCES_OF_486 : [])];
  const also = [...(ending.also ?? []), ...(isTold ? [] : untold), ...(mayBeAgents ? [['agent_rejected_call']] : [])];
  const hidesNumbers = random.chance(0.2);
  const delivered = isTold ? roomStory(random, { ...ids, ...ending.story, hidesNumbers }) : [];
  const made = attempt(
    world,
    { isSeen: random.chance(0.3), callId },
    { ...ending.play, delivered },
    { blocking: ending.blocking, also, isHole: isHole && isConfigurationKnown },
  );
  const mentions = ending.isAgentMissing && isConfigurationKnown ? wordsFor(rule, names) : [];
  return kindCase(world, made, {
    ...(!isConfigurationKnown && { configuration: null }),
    isOldSbc: random.chance(0.1),
    isOpen,
    isReporting: isTold,
    ...(mentions.length > 0 && { mentions }),
    beside: random.chance(0.15) ? [sameNumbers(world)] : [],
  });
}

/** The answer names the agents that the rule dispatches, or says of the rule that it names none. */
function wordsFor({ sip_dispatch_rule_id }: Rule, names: readonly string[]): string[] {
  return names.length > 0 ? [...names] : [`${sip_dispatch_rule_id} names no agent`];
}

export function nameAgents(random: Random, rule: Rule): readonly string[] {
  const names = random.pick<readonly string[]>([[], [], [random.pick(NAMES)], [random.pick(NAMES)], NAMES.slice(1, 3)]);
  const agents = names.map((agent_name) => ({ agent_name, ...(random.chance(0.3) && { metadata: '{"a":1}' }) }));
  const unnamed = random.pick<object | undefined>([undefined, { agents: [] }, { agents: [{ agent_name: '' }] }, {}]);
  const room_config = names.length > 0 ? { agents, ...(random.chance(0.3) && { max_participants: 5 }) } : unnamed;
  if (room_config) Object.assign(rule, { room_config });
  return names;
}

/** Another call of the same caller to the same number, which is answered meanwhile. */
function sameNumbers(world: World): Attempt {
  const { random, caller, called, trunk, rule } = world;
  const callId = uuid(random);
  const at = between(random, 1_500, 3_000);
  const leaves = at + 42_000;
  const delivered = roomStory(random, {
    ...{ callId, caller, called, trunkId: trunk.sip_trunk_id, ruleId: rule.sip_dispatch_rule_id },
    ...{ joins: 100, leaves, reason: 'CLIENT_INITIATED', finished: leaves + 20_000 },
    guests: [{ kind: 'AGENT', joins: at - 900, publishes: at - 60, leaves: leaves + 100, reason: 'CLIENT_INITIATED' }],
  });
  return attempt(world, { isSeen: false, callId }, { answers: answeredAt(at), timeout: LONG_MS, delivered }, {});
}

function endingOf(random: Random, world: World, names: readonly string[], isHole: boolean): Ending {
  return random.pick<() => Ending>([
    () => nobodyCame(random, names),
    () => nobodyCame(random, names),
    () => workerNeverJoined(random, names),
    () => silentAgent(random),
    () => agentEndedTheCall(random),
    () => cannotJoin(random),
    () => roomClosed(random),
    () => rangOut(random, isHole ? undefined : world.trunk),
    () => rangOut(random, isHole ? undefined : world.trunk),
    () => agentCrashed(random),
    () => gaveUpSoon(random),
    () => answered(random),
  ])();
}

const usual = (leaves: number, guests: readonly Guest[] = []): Ending['story'] => {
  const last = Math.max(leaves, ...guests.map((guest) => guest.leaves));
  return { joins: 100, leaves, reason: 'CLIENT_INITIATED', guests, finished: last + 20_000 };
};

/** How a wait ends that nobody at LiveKit ends: the dial gives up, or a caller who was patient. */
function patience(random: Random, end: number): Play {
  const limit = random.chance(0.6) ? { timeout: end } : { timeout: LONG_MS, hungUpAfter: end };
  return { answers: ringing(LONG_MS), ...limit };
}

function nobodyCame(random: Random, names: readonly string[]): Ending {
  const end = between(random, 12_500, 59_000);
  const guests = random.pick<readonly Guest[]>([
    [],
    [],
    // Nobody of these answers for the agent.
    [{ kind: 'STANDARD', joins: 900, leaves: end + 3_000, reason: 'CLIENT_INITIATED' }],
    [{ kind: 'EGRESS', joins: 400, leaves: end + 50 }],
    // Too late.
    [{ kind: 'AGENT', joins: end + 1_500, leaves: end + 4_000, reason: 'CLIENT_INITIATED' }],
  ]);
  const blocking = ['agent_not_joined'];
  return { play: patience(random, end), story: usual(end + 20, guests), blocking, isAgentMissing: names.length >= 0 };
}

function workerNeverJoined(random: Random, names: readonly string[]): Ending {
  const end = between(random, 12_500, 59_000);
  const job = { at: 300, name: names[0] ?? '', ...(random.chance(0.6) && { fails: between(random, 1_000, 9_000) }) };
  return { play: patience(random, end), story: { ...usual(end + 20), job }, blocking: ['agent_not_joined'] };
}

function silentAgent(random: Random): Ending {
  const end = between(random, 12_500, 59_000);
  const agent = { kind: 'AGENT', joins: between(random, 300, 4_000), leaves: end + 60 } as const;
  const story = usual(end + 20, [{ ...agent, reason: 'CLIENT_INITIATED' }]);
  return { play: patience(random, end), story, blocking: ['agent_not_publishing'], untold: [['agent_not_joined']] };
}

function agentEndedTheCall(random: Random): Ending {
  const end = between(random, 3_000, 25_000);
  const leaves = end + between(random, 300, 20_000);
  const agent: Guest = { kind: 'AGENT', joins: between(random, 300, 1_500), leaves, reason: 'CLIENT_INITIATED' };
  return {
    play: { answers: rejectedAt(end), timeout: LONG_MS },
    story: usual(end - 10, [agent]),
    blocking: ['agent_rejected_call'],
    isOpenUntold: true,
  };
}

/** livekit-sip gives up on the room, or the dial gives up first. */
function cannotJoin(random: Random): Ending {
  const end = between(random, 4_000, 16_000);
  const isFirst = random.chance(0.8);
  const play = isFirst ? { answers: rejectedAt(end), timeout: LONG_MS } : { answers: ringing(LONG_MS), timeout: end };
  const story = { ...usual(end), isAborted: true, joins: isFirst ? end - 15 : end - 1_000, finished: end + 300_000 };
  return {
    ...{ play, story, blocking: ['livekit_sip_cannot_join'] },
    ...(isFirst ? { isOpenUntold: true } : { untold: [['agent_not_joined'], ['agent_not_publishing']] }),
  };
}

function roomClosed(random: Random): Ending {
  const end = between(random, 3_000, 25_000);
  const reason = random.pick(['ROOM_DELETED', 'ROOM_DELETED', 'SERVER_SHUTDOWN']);
  const agent: Guest = { kind: 'AGENT', joins: 700, leaves: end - 20, reason };
  const story = { ...usual(end - 30, random.chance(0.5) ? [agent] : []), reason, finished: end - 10 };
  return {
    play: { answers: rejectedAt(end), timeout: LONG_MS },
    ...{ story, blocking: ['livekit_room_closed'], isOpenUntold: true },
  };
}

/** Until the trunk's own ringing_timeout, or LiveKit's 3 minutes. */
function rangOut(random: Random, trunk: Trunk | undefined): Ending {
  const isOwn = trunk !== undefined && random.chance(0.6);
  const seconds = isOwn ? between(random, 5, 90) : 180;
  if (isOwn) trunk.ringing_timeout = `${seconds}s`;
  const end = RINGS_FROM_MS + seconds * 1_000 + random.below(80);
  const isSilent = random.chance(0.35);
  const agent: Guest = { kind: 'AGENT', joins: 700, leaves: end + 200, reason: 'CLIENT_INITIATED' };
  const missing = ['agent_not_joined'];
  return {
    play: { answers: rejectedAt(end), timeout: LONG_MS },
    story: { ...usual(end - 10, isSilent ? [agent] : []), ...(random.chance(0.2) && { job: { at: 300, name: '' } }) },
    blocking: isSilent ? ['agent_not_publishing'] : missing,
    untold: isSilent ? [missing] : [],
    isAgentMissing: !isSilent,
    restsOnTrunk: isOwn,
  };
}

/** The agent was in the room and its process died. */
function agentCrashed(random: Random): Ending {
  const end = between(random, 25_000, 59_000);
  const leaves = between(random, 12_000, end - 2_000);
  const agent: Guest = { kind: 'AGENT', joins: 600, leaves, reason: 'CONNECTION_TIMEOUT' };
  const blocking = ['agent_not_publishing'];
  return { play: patience(random, end), story: usual(end + 20, [agent]), blocking, also: [['agent_not_joined']] };
}

/** The caller left before anybody could call that patience. */
function gaveUpSoon(random: Random): Ending {
  const end = between(random, 2_300, 8_500);
  const play = { answers: ringing(LONG_MS), timeout: LONG_MS, hungUpAfter: end };
  return { play, story: usual(end + 20), blocking: ['caller_abandoned'], also: [['agent_not_joined']] };
}

function answered(random: Random): Ending {
  const at = between(random, 200, 12_000);
  const leaves = at + 42_000;
  const reason = 'CLIENT_INITIATED';
  const agent: Guest = { kind: 'AGENT', joins: at - 90, publishes: at - 15, leaves: leaves + 200, reason };
  return { play: { answers: answeredAt(at), timeout: LONG_MS }, story: usual(leaves, [agent]), blocking: [] };
}
