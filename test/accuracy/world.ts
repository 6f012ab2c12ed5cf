import type { Random } from '../oracle/random.ts';
import type { Configuration, Rule, Trunk } from './generatedLivekit.ts';
import { harmfulMedia, harmlessMedia } from './generatedMedia.ts';
import { Numbers } from './generatedNumbers.ts';

// A LiveKit project, the SBC in front of it and a call that gets in. Faults are put into it afterwards.

/** Where LiveKit is and what is known of it. */
export interface Site {
  readonly host: string;
  readonly livekit_url?: string;
  readonly livekit_sip_host?: string;
  /** How a call that matches nothing is refused. */
  readonly refusal: 'silence' | '404';
  /** Hosts that are not LiveKit's SIP host and are dialled by mistake. */
  readonly wrongHosts: readonly string[];
}

const CLOUD_URL = 'wss://voiceagents-1z3kctsj.livekit.cloud';
const CLOUD_SIP = 'vjnxecm0tjk.sip.livekit.cloud';
const URL_NAME = 'voiceagents-1z3kctsj.sip.livekit.cloud';
const OTHER_PROJECT = 'q2m8zt41xyc.sip.livekit.cloud';

const SITES: readonly [Site, ...Site[]] = [
  { host: 'lab.sip.livekit.cloud', refusal: 'silence', wrongHosts: [] },
  {
    host: 'sip.example.org',
    livekit_sip_host: 'sip.example.org',
    livekit_url: 'wss://livekit.example.org',
    refusal: 'silence',
    wrongHosts: [],
  },
  { host: '192.0.2.40', livekit_sip_host: '192.0.2.40', refusal: 'silence', wrongHosts: [] },
  { host: 'sip.example.org', livekit_sip_host: 'SIP.example.org:5060', refusal: '404', wrongHosts: [] },
  {
    host: CLOUD_SIP,
    livekit_sip_host: CLOUD_SIP,
    livekit_url: CLOUD_URL,
    refusal: '404',
    wrongHosts: [URL_NAME, OTHER_PROJECT],
  },
  { host: CLOUD_SIP, livekit_url: CLOUD_URL, refusal: '404', wrongHosts: [URL_NAME] },
  {
    host: CLOUD_SIP,
    livekit_url: CLOUD_URL,
    refusal: 'silence',
    wrongHosts: [URL_NAME, 'voiceagents-1z3kctsj.livekit.cloud'],
  },
];

export interface World {
  readonly random: Random;
  readonly numbers: Numbers;
  readonly site: Site;
  readonly configuration: Configuration;
  /** The trunk and the rule that the call is meant for. */
  readonly trunk: Trunk;
  readonly rule: Rule;
  /** The user part that is dialled, the caller, the SBC's address and what is dialled with. */
  called: string;
  caller: string;
  readonly source: string;
  /** All SBCs; which of them sent the INVITE no webhook tells. */
  readonly sbcs: readonly string[];
  credentials: { username: string; password: string } | undefined;
}

const SOURCES: readonly [string, ...string[]] = ['54.236.168.131', '192.0.2.10', '203.0.113.77', '2001:db8:17::5'];

/** A world in which the call gets in. */
export function newWorld(random: Random): World {
  const numbers = new Numbers(random);
  const number = numbers.next();
  const caller = random.chance(0.05) ? 'anonymous' : numbers.next();
  const source = random.pick(SOURCES);
  const trunk = newTrunk(random, 'meant', numbers.list(0, 2).concat(numbers.spelled(number)));
  if (random.chance(0.5)) trunk.allowed_addresses = addressesWith(random, source);
  if (random.chance(0.4)) trunk.allowed_numbers = [...numbers.list(0, 2), numbers.spelled(caller)];
  if (random.chance(0.15)) trunk.auth_username = 'no_password';
  const called = numbers.spelled(number).replace(/[ ()-]/g, '');
  const written = random.chance(0.5) || caller === 'anonymous' ? caller : caller.slice(1);
  const rule = newRule(random, [trunk.sip_trunk_id]);
  if (random.chance(0.3)) rule.inbound_numbers = [...numbers.list(0, 2), written];
  if (random.chance(0.3)) rule.numbers = [...numbers.list(0, 2), called];

  if (random.chance(0.2)) Object.assign(trunk, harmlessMedia(random));
  if (random.chance(0.2)) Object.assign(rule, harmlessMedia(random));

  const others = strangers(random, numbers, source);
  if (random.chance(0.1)) others.rules.push({ ...newRule(random, []), numbers: [numbers.next()] });
  return {
    random,
    numbers,
    site: random.pick(SITES),
    configuration: {
      inbound_trunks: shuffled(random, [trunk, ...others.trunks]),
      dispatch_rules: shuffled(random, [rule, ...others.rules]),
    },
    trunk,
    rule,
    called,
    caller: written,
    source,
    sbcs: random.chance(0.2)
      ? shuffled(random, [source, ...SOURCES.filter((other) => other !== source).slice(0, 1)])
      : [source],
    credentials: undefined,
  };
}

/** Other people's trunks and rules, none or dozens, none of which takes the call. */
function strangers(random: Random, numbers: Numbers, source: string): { trunks: Trunk[]; rules: Rule[] } {
  const count = random.pick([0, 0, 1, 1, 2, 5, 30]);
  const trunks = Array.from({ length: count }, () => {
    const trunk = newTrunk(random, 'stranger', numbers.list(1, 3));
    if (random.chance(0.3))
      trunk.allowed_addresses = random.chance(0.5) ? addressesWith(random, source) : ['10.9.0.0/16'];
    if (random.chance(0.2)) trunk.allowed_numbers = numbers.list(1, 2);
    if (random.chance(0.2)) setPassword(random, trunk);
    if (random.chance(0.3)) Object.assign(trunk, random.chance(0.5) ? harmlessMedia(random) : harmfulMedia(random));
    return trunk;
  });
  const rules = trunks.filter(() => random.chance(0.8)).map(({ sip_trunk_id }) => newRule(random, [sip_trunk_id]));
  return { trunks, rules };
}

export function newTrunk(random: Random, name: string, numbers: string[]): Trunk {
  return {
    sip_trunk_id: `ST_${letters(random)}`,
    name,
    numbers,
    allowed_addresses: [],
    allowed_numbers: [],
    auth_username: '',
    auth_password: '',
  };
}

export function newRule(random: Random, trunk_ids: string[]): Rule {
  const rule = random.pick<object>([
    { dispatch_rule_individual: { room_prefix: 'call-', pin: '' } },
    { dispatch_rule_direct: { room_name: `room-${letters(random)}`, pin: '' } },
    { dispatch_rule_callee: { room_prefix: 'number-', pin: '' } },
  ]);
  return {
    sip_dispatch_rule_id: `SDR_${letters(random)}`,
    name: '',
    rule,
    trunk_ids,
    inbound_numbers: [],
    numbers: [],
  };
}

export function setPassword(random: Random, trunk: Trunk): void {
  trunk.auth_username = `user${random.below(100)}`;
  trunk.auth_password = `pw-${letters(random)}`;
}

/** A list of addresses that lets the source in, in one of the forms that LiveKit reads. */
function addressesWith(random: Random, source: string): string[] {
  const isV6 = source.includes(':');
  const holding = isV6
    ? random.pick([source, '2001:db8:17::/48', `[${source}]`, '::/0'])
    : random.pick([source, source.replace(/\.\d+$/, '.0/24'), '0.0.0.0/0', `${source}/32`]);
  return shuffled(random, [holding, ...ELSEWHERE.filter(() => random.chance(0.25))]);
}

/** Entries that hold none of the SBCs. */
export const ELSEWHERE = ['10.0.0.0/8', '198.51.100.0/24', '198.51.100.7', '2001:db8:ffff::/64', '172.16.4.9'];

export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  return list
    .map((value) => ({ value, at: random.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

function letters(random: Random): string {
  return Array.from(
    { length: 12 },
    () => 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'[random.below(57)],
  ).join('');
}
