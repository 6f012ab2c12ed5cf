import type { Random } from '../../oracle/random.ts';
import { FAULTS, type Fault, putIn } from '../faults.ts';
import { inviteOf, isSourceKnown } from '../generatedAttempt.ts';
import { admit } from '../generatedLivekit.ts';
import { newWorld, type Site, type World } from '../world.ts';

// Where LiveKit is: a machine of one's own, or a project of LiveKit Cloud.

/** The project of LiveKit Cloud that somebody has: the id is in its SIP host, the name in its URL. */
export interface Project {
  readonly id: string;
  readonly name: string;
  readonly suffix: string;
  readonly url: string;
}

export const REGIONS = ['eu', 'india', 'sa', 'us', 'aus', 'uk', 'newregion'] as const;

export function newProject(random: Random): Project {
  const words = ['voice', 'agents', 'desk', 'test', 'pipeline', 'my-app', 'a1'];
  const some = Array.from({ length: 1 + random.below(3) }, () => words[random.below(words.length)]);
  const name = some.join(random.pick(['-', '']));
  const suffix = letters(random, 8);
  return { id: letters(random, 11), name, suffix, url: `wss://${name}-${suffix}.livekit.cloud` };
}

function letters(random: Random, length: number): string {
  const all = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length }, () => all[random.below(all.length)]).join('');
}

/** The SIP host of LiveKit Cloud for a label, with a region half of the time. */
export function cloudHost(random: Random, label: string): string {
  return random.chance(0.5) ? `${label}.sip.livekit.cloud` : `${label}.${random.pick(REGIONS)}.sip.livekit.cloud`;
}

/** A project of LiveKit Cloud; its URL, its SIP host or both are configured. */
export function cloudSite(random: Random, project = newProject(random)): Site {
  const known = random.pick(['both', 'both', 'url', 'host']);
  return {
    host: cloudHost(random, project.id),
    ...(known !== 'host' && { livekit_url: project.url }),
    ...(known !== 'url' && { livekit_sip_host: written(random, cloudHost(random, project.id)) }),
    refusal: random.pick(['silence', '404']),
    wrongHosts: [],
  };
}

/** A host in one of the forms in which it is configured. */
export function written(random: Random, host: string): string {
  return random.pick([host, host, host, host.toUpperCase(), `${host}:5060`, `sip:${host}`, `sip.example.org,${host}`]);
}

/** LiveKit on a machine of one's own. */
export function ownSite(random: Random): Site {
  const url = { livekit_url: 'wss://livekit.example.org' };
  const host = random.pick(['sip.example.org', '192.0.2.40', 'sip-1.example.com']);
  const known = random.pick<Partial<Site>>([
    { ...url, livekit_sip_host: host },
    { ...url, livekit_sip_host: host },
    { livekit_sip_host: written(random, host) },
    url,
    {},
  ]);
  return { host, refusal: 'silence', wrongHosts: [], ...known };
}

/** A world in which the call gets in. */
export function admittedWorld(random: Random, site: Site): World {
  const world = { ...newWorld(random), site };
  // A rule for every trunk is no hole where a trunk takes the call.
  if (random.chance(0.1)) world.rule.trunk_ids = [];
  const { kind } = admit(world.configuration, inviteOf(world));
  if (kind !== 'admitted') throw new Error(`the world was made to admit the call: ${kind}`);
  return world;
}

/**
 * A world in which no trunk takes the call, and a rule for every trunk does: LiveKit lets it in past the trunk. Seen on
 * machines of one's own.
 */
export function bypassedWorld(random: Random, site: Site): World {
  const world = { ...newWorld(random), site };
  putIn(world, random.pick(['called', 'source', 'caller']));
  Object.assign(world.rule, { trunk_ids: [], inbound_numbers: [], numbers: [] });
  const { kind } = admit(world.configuration, inviteOf(world));
  if (kind !== 'admitted') throw new Error(`the rule was made to admit the call: ${kind}`);
  return world;
}

/** What else explains a refusal that nothing else explains: one of several SBCs, or a host name, may not be allowed. */
export function ofUnknownSource(world: World): readonly (readonly string[])[] {
  return isSourceKnown(world) ? [] : [['source_address_not_allowed']];
}

/** What may stop a call before anybody asks for credentials. */
const REFUSING: readonly Fault[] = ['called', 'source', 'caller', 'dispatch'];

/** A world in which LiveKit finds no trunk or no rule for the call, and why. */
export function refusedWorld(random: Random, site: Site): { world: World; causes: readonly string[] } {
  for (;;) {
    const world = { ...newWorld(random), site };
    const wanted = random.chance(0.75) ? 1 : 2;
    const chosen = new Set<Fault>();
    while (chosen.size < wanted) chosen.add(REFUSING[random.below(REFUSING.length)] ?? 'called');
    const causes = FAULTS.flatMap((fault) => (fault !== 'host' && chosen.has(fault) ? [putIn(world, fault)] : []));
    if (admit(world.configuration, inviteOf(world)).kind === 'refused') return { world, causes };
  }
}
