import type { Random } from '../../oracle/random.ts';
import { attempt, LONG_MS, type Play } from '../generatedAttempt.ts';
import { uuid } from '../generatedJambonz.ts';
import { meantOtherwise } from '../meant.ts';
import { type Site, setPassword } from '../world.ts';
import { type KindCase, kindCase } from './kindCase.ts';
import { answeredAt, between, ringing } from './ringing.ts';
import { roomStory } from './roomStory.ts';
import {
  admittedWorld,
  cloudHost,
  cloudSite,
  newProject,
  ofUnknownSource,
  type Project,
  refusedWorld,
  written,
} from './sites.ts';

// Hosts of LiveKit Cloud: <project id>.sip.livekit.cloud, or with a region before .sip. The name in LIVEKIT_URL, or the end
// of that name, is another host.

/** A caller who left sooner may just not have waited. */
const PATIENT_MS = 10_500;

export function regionalHost(random: Random): KindCase {
  return random.pick<() => KindCase>([
    () => rightHost(random),
    () => rightHost(random),
    () => wrongHost(random),
    () => wrongHost(random),
    () => wrongHost(random),
    () => suspectHost(random),
  ])();
}

/** The project's own host, whatever the region: it is never to blame. */
function rightHost(random: Random): KindCase {
  const site = cloudSite(random);
  const host = { isSeen: random.chance(0.3) };
  if (random.chance(0.2)) return credentials(random, site);
  if (random.chance(0.5)) {
    const { world, causes } = refusedWorld(random, site);
    const reason = random.pick([
      'Does not match any SIP Trunks',
      'No trunk found',
      'Does not match Trunks or Dispatch Rules',
    ]);
    const answers = [{ after: between(random, 150, 900), status: 404, reason }];
    const also = meantOtherwise(world, host.isSeen);
    return kindCase(world, attempt(world, host, { answers, timeout: LONG_MS }, { blocking: causes, also }));
  }
  const world = admittedWorld(random, site);
  const { trunk, rule, caller, called } = world;
  const callId = uuid(random);
  const end = between(random, 12_500, 50_000);
  const isAnswered = random.chance(0.4);
  const answers = isAnswered ? answeredAt(1_400) : ringing(LONG_MS);
  const reason = 'CLIENT_INITIATED';
  const leaves = isAnswered ? 43_400 : end + 20;
  const delivered = roomStory(random, {
    ...{ callId, caller, called, trunkId: trunk.sip_trunk_id, ruleId: rule.sip_dispatch_rule_id },
    ...{ joins: 120, leaves, reason, finished: leaves + 20_000 },
    guests: isAnswered ? [{ kind: 'AGENT', joins: 700, publishes: 1_380, leaves: leaves + 40, reason }] : [],
  });
  const play = { answers, timeout: end, delivered: random.chance(0.5) ? delivered : [] };
  const blocking = isAnswered ? [] : ['agent_not_joined'];
  return kindCase(world, attempt(world, { ...host, callId }, play, { blocking }));
}

/** A host that asks for credentials is LiveKit's. */
function credentials(random: Random, site: Site): KindCase {
  const world = admittedWorld(random, site);
  setPassword(random, world.trunk);
  const isMissing = random.chance(0.5);
  const answers = [{ after: between(random, 150, 900), status: isMissing ? 407 : 401, reason: 'Unauthorized' }];
  const blocking = [isMissing ? 'auth_missing' : 'auth_rejected'];
  return kindCase(world, attempt(world, { isSeen: false }, { answers, timeout: LONG_MS }, { blocking }));
}

/** A host that is dialled by mistake, and the settings that show it. */
function mistakenSite(random: Random, project: Project): Site {
  const { name, suffix, url, id } = project;
  const own = { livekit_sip_host: written(random, cloudHost(random, id)) };
  const urlName = cloudHost(random, `${name}-${suffix}`);
  const bareSuffix = cloudHost(random, suffix);
  const both = random.chance(0.4) ? own : {};
  const base = { refusal: '404', wrongHosts: [] } as const;
  return random.pick<Site>([
    { ...base, host: urlName, livekit_url: url, ...both },
    { ...base, host: urlName, livekit_url: url, ...both },
    { ...base, host: bareSuffix, livekit_url: url, ...both },
    { ...base, host: `${name}-${suffix}.livekit.cloud`, livekit_url: url },
    // Another project's host.
    {
      ...base,
      host: cloudHost(random, newProject(random).id),
      ...own,
      ...(random.chance(0.5) && { livekit_url: url }),
    },
    { ...base, host: urlName, ...own },
    // The mistake is in the settings as well: LIVEKIT_URL still shows it.
    { ...base, host: urlName, livekit_url: url, livekit_sip_host: urlName },
  ]);
}

function wrongHost(random: Random): KindCase {
  const site = mistakenSite(random, newProject(random));
  const host = random.pick([site.host, site.host, site.host, site.host.toUpperCase(), `${site.host}.`]);
  const cased = { ...site, host };
  const play = answerOf(random);
  const left = (play.hungUpAfter ?? LONG_MS) < PATIENT_MS ? [['caller_abandoned']] : [];
  if (random.chance(0.6)) {
    const world = admittedWorld(random, cased);
    return kindCase(world, attempt(world, { isSeen: false }, play, { blocking: ['sip_host_wrong'], also: left }));
  }
  const { world, causes } = refusedWorld(random, cased);
  const also = [...meantOtherwise(world, false).map((set) => ['sip_host_wrong', ...set]), ...left];
  const blocking = ['sip_host_wrong', ...causes];
  return kindCase(world, attempt(world, { isSeen: false }, play, { blocking, also }));
}

/** What was reported of such hosts, and what else may be there. */
function answerOf(random: Random): Play {
  const after = between(random, 150, 900);
  const end = between(random, 7_000, 40_000);
  return random.pick<Play>([
    { answers: [{ after, status: 404, reason: 'No trunk found' }], timeout: LONG_MS },
    { answers: [{ after, status: 404, reason: 'No trunk found' }], timeout: LONG_MS },
    { answers: [], timeout: end },
    { answers: [], timeout: LONG_MS, hungUpAfter: end },
    { answers: [{ after: 90, status: 180, reason: 'Ringing' }], timeout: end },
    { answers: [{ after, status: 503, reason: 'Service Unavailable' }], timeout: LONG_MS },
    { answers: [{ after: 32_040, status: 408, reason: 'Request Timeout' }], timeout: LONG_MS },
  ]);
}

/** No setting names the project: the host may be wrong, and nobody can say so. */
function suspectHost(random: Random): KindCase {
  const { id, name, suffix } = newProject(random);
  const host = cloudHost(random, random.pick([id, `${name}-${suffix}`, suffix]));
  const world = admittedWorld(random, { host, refusal: '404', wrongHosts: [] });
  const answers = [{ after: between(random, 150, 900), status: 404, reason: 'No trunk found' }];
  const truth = { blocking: ['unclassified'], also: [['sip_host_wrong'], ...ofUnknownSource(world)] };
  return kindCase(world, attempt(world, { isSeen: false }, { answers, timeout: LONG_MS }, truth), { isOpen: true });
}
