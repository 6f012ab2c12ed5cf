import type { Random } from '../oracle/random.ts';
import { afterAdmission, backendDown, beforeLiveKit, type Ending, elsewhere } from './endings.ts';
import { FAULTS, type Fault, putConflict, putIn } from './faults.ts';
import { type Answer, inboundLeg, type Leg, type Manner, uuid, type Webhook } from './jambonz.ts';
import { knowable } from './knowable.ts';
import { type Admission, admit, listsAddress, listsNumber, type Trunk } from './livekit.ts';
import { stay } from './room.ts';
import { newTrunk, setPassword, type World } from './world.ts';

/** What was really wrong with a leg, by the way in which it was made. */
export interface Truth {
  readonly callSid: string;
  /** The causes that each stop the call, the headline first; empty where it connected. */
  readonly blocking: readonly string[];
  /** Sets that are as right, where nobody could tell. */
  readonly also: readonly (readonly string[])[];
  /** Causes that would stop it next. */
  readonly latent: readonly string[];
  /** What the configuration shows beneath another failure. */
  readonly beneath: readonly (readonly string[])[];
  /** It got in past every trunk; `undefined` where nobody can tell. */
  readonly isHole: boolean | undefined;
}

/** A leg, how its dial ends and what was really wrong with it. */
export interface Attempt {
  readonly leg: Leg;
  readonly truth: Truth;
  readonly timeout: number;
  readonly hungUpAfter?: number | undefined;
  /** LiveKit's webhooks; times from the INVITE. */
  readonly told: readonly Webhook[];
}

const LONG_MS = 400_000;

/** A leg to LiveKit with up to three faults of configuration or of the application, alone or under another failure. */
export function faultyAttempt(world: World): Attempt {
  const { random, site } = world;
  const possible = FAULTS.filter((fault) => fault !== 'host' || site.wrongHosts.length > 0);
  const wanted = random.pick([1, 1, 1, 2, 2, 3]);
  const chosen = new Set<Fault>();
  while (chosen.size < wanted) chosen.add(possible[random.below(possible.length)] ?? 'called');
  if (chosen.has('auth_missing')) chosen.delete('auth_rejected');
  const hasConflict =
    !(['called', 'source', 'caller', 'dispatch', 'host'] as const).some((fault) => chosen.has(fault)) &&
    random.chance(0.4);
  const faults = FAULTS.filter((fault) => chosen.has(fault));
  const isSeen = random.chance(0.4);
  if (!chosen.has('auth_missing') && !chosen.has('auth_rejected') && random.chance(0.2)) {
    setPassword(random, world.trunk);
    world.credentials = { username: world.trunk.auth_username, password: world.trunk.auth_password };
  }
  // Credentials first: what comes after is checked against them.
  const causes = new Map<Fault, string>();
  for (const fault of faults) causes.set(fault, fault === 'host' ? 'sip_host_wrong' : putIn(world, fault));
  if (hasConflict) putConflict(world);

  const all = faults.map((fault) => causes.get(fault) ?? '');
  const isHidden = (cause: string) =>
    (cause === 'auth_missing' && !isSeen) ||
    (cause === 'auth_rejected' && (!isSeen || world.credentials?.username === world.trunk.auth_username));
  const hiddenMissing = all.filter((cause) => cause === 'auth_missing' && isHidden(cause));

  const under = faults.includes('host') || random.chance(0.75) ? undefined : undersea(world);
  if (under) {
    const { cause, answers, uri } = under;
    const latent = all.filter((name) => name !== 'auth_rejected' || !isHidden(name));
    const beneath = [all.filter((name) => !isHidden(name)), ...meantOtherwise(world, isSeen)];
    if (hasConflict) {
      latent.push('trunk_conflict');
      for (const set of beneath) set.unshift('trunk_conflict');
    }
    // A conflict stops the call with the same answer as an outage does; behind an old SBC, with that of a refused port.
    const isAlike = all.includes('dispatch_rule_conflict') || hasConflict;
    const also = isAlike && isLikeConflict(answers) ? beneath : [];
    return attempt(world, { isSeen, uri }, { answers, timeout: LONG_MS }, { blocking: [cause], also, latent, beneath });
  }
  const admission = admit(world.configuration, inviteOf(world));
  mustStop(admission, faults, hasConflict);
  if (faults.includes('host')) {
    const shown = all.filter((cause) => !isHidden(cause));
    const wrongHost = site.wrongHosts[random.below(site.wrongHosts.length)] ?? '';
    const also = meantOtherwise(world, isSeen).map((set) => ['sip_host_wrong', ...set]);
    return attempt(world, { isSeen, host: wrongHost }, wrongHostPlay(world), {
      blocking: shown,
      also,
      latent: hiddenMissing,
    });
  }
  const isChecked = admission.kind === 'challenged' || admission.kind === 'rejected';
  const shown = all.filter((cause) => isChecked || !isHidden(cause));
  const blocking = hasConflict ? ['trunk_conflict', ...shown] : shown;
  const play = livekitPlay(world, admission);
  const isBrief = play.hungUpAfter !== undefined && play.hungUpAfter < 2_500;
  const also = [...meantOtherwise(world, isSeen), ...(isBrief ? [['caller_abandoned']] : [])];
  return attempt(world, { isSeen }, play, { blocking, also, latent: isChecked ? [] : hiddenMissing });
}

function isLikeConflict(answers: readonly Answer[]): boolean {
  return answers.some(({ reason }) => reason === 'Service Unavailable' || reason === 'Try again later');
}

/** Another failure that hides whatever else is wrong. */
function undersea({ random }: World): Ending {
  return random.chance(0.75) ? beforeLiveKit(random) : backendDown(random);
}

/** A leg to LiveKit that nothing in its configuration stops: by a wildcard rule, a default trunk or as it is meant. */
export function admittedAttempt(world: World, isTold: boolean): Attempt {
  const { random, configuration, rule, trunk, numbers } = world;
  let isHole = false;
  switch (random.pick(['fits', 'fits', 'fits', 'password', 'hole', 'default'])) {
    case 'password':
      setPassword(random, trunk);
      world.credentials = { username: trunk.auth_username, password: trunk.auth_password };
      break;
    case 'hole':
      // Past the trunk, and past its password.
      if (random.chance(0.4)) setPassword(random, trunk);
      for (const fault of (['called', 'source', 'caller'] as const).filter(() => random.chance(0.5)))
        putIn(world, fault);
      putIn(world, random.pick(['called', 'source', 'caller']));
      rule.trunk_ids = [];
      rule.inbound_numbers = [];
      rule.numbers = [];
      isHole = true;
      break;
    case 'default': {
      // A trunk without numbers takes what no other takes.
      const rest = newTrunk(random, 'everything', []);
      if (random.chance(0.5)) putIn(world, random.pick(['source', 'caller']));
      else trunk.numbers = numbers.list(1, 2);
      configuration.inbound_trunks.push(rest);
      rule.trunk_ids = [rest.sip_trunk_id];
      break;
    }
  }
  const admission = admit(configuration, inviteOf(world));
  if (admission.kind !== 'admitted') throw new Error(`the case was made to be admitted: ${admission.kind}`);
  const isSeen = random.chance(0.3);
  if (random.chance(0.2)) {
    const { cause, answers } = afterAdmission(random);
    // A single 180 before Jambonz failed does not show that LiveKit let the call in.
    const hole = { isHole: cause === 'jambonz_internal_error' && isHole ? undefined : isHole };
    return attempt(world, { isSeen }, { answers, timeout: LONG_MS }, { blocking: [cause], ...hole });
  }
  if (!isHole && random.chance(0.1)) {
    const { cause, answers, uri } = undersea(world);
    return attempt(world, { isSeen, uri }, { answers, timeout: LONG_MS }, { blocking: [cause] });
  }
  const callId = uuid(random);
  const call = { callId, caller: world.caller, called: world.called, trunkId: admission.trunk?.sip_trunk_id ?? '' };
  const { cause, also, ...play } = stay(random, admission.trunk, call, isTold);
  const blocking = cause === 'connected' ? [] : [cause];
  return attempt(world, { isSeen, callId }, play, { blocking, also, isHole });
}

/** A project that has no trunk. */
export function emptyAttempt(world: World): Attempt {
  const { configuration, random } = world;
  configuration.inbound_trunks = [];
  const hasRules = random.chance(0.5);
  if (!hasRules) configuration.dispatch_rules = [];
  const play = livekitPlay(world, admit(configuration, inviteOf(world)));
  const blocking = hasRules ? ['no_trunk_configured'] : ['no_trunk_configured', 'no_dispatch_rule'];
  const isBrief = play.hungUpAfter !== undefined && play.hungUpAfter < 2_500;
  return attempt(world, { isSeen: false }, play, { blocking, also: isBrief ? [['caller_abandoned']] : [] });
}

/** A leg to a carrier, a user, a team or a SIP server elsewhere. */
export function otherAttempt(world: World): Attempt {
  const { random, numbers, site, caller } = world;
  const kind = random.pick(['phone', 'phone', 'user', site.livekit_sip_host ? 'sip' : 'user']);
  const number = numbers.next();
  const to =
    {
      phone: random.pick([number, number.slice(1)]),
      user: 'anna@office.example.org',
      sip: `sip:${number}@carrier.example.net`,
    }[kind] ?? number;
  const { cause, answers, also = [] } = elsewhere(random, kind === 'phone');
  const hasFinal = answers.some(({ status }) => status >= 200);
  const leg = { callSid: uuid(random), callId: uuid(random), to, from: caller, answers };
  const blocking = cause === 'connected' ? [] : [cause];
  const truth = {
    callSid: leg.callSid,
    blocking,
    also: also.map((set) => [set]),
    latent: [],
    beneath: [],
    isHole: false,
  };
  return { leg, truth, timeout: hasFinal ? LONG_MS : 25_000 + random.below(30_000), told: [] };
}

interface Play {
  readonly answers: readonly Answer[];
  readonly timeout: number;
  readonly hungUpAfter?: number | undefined;
  readonly told?: readonly Webhook[];
}

/** LiveKit's answers to a call that it does not admit. */
function livekitPlay({ random, site }: World, { kind }: Admission): Play {
  const at = 15 + random.below(400);
  const rang = { after: 60 + random.below(60), status: 180, reason: 'Ringing' };
  const final = (status: number, reason: string) => ({ after: at, status, reason });
  switch (kind) {
    case 'trunks_conflict':
      return { answers: [final(503, 'Try again later')], timeout: LONG_MS };
    case 'challenged':
      return { answers: [final(407, 'Unauthorized')], timeout: LONG_MS };
    case 'rejected':
      return {
        answers: [final(401, random.pick(['Unauthorized', 'Unauthorized', 'Bad credentials']))],
        timeout: LONG_MS,
      };
    case 'rules_conflict': {
      const late = { after: 200 + random.below(400), status: 503, reason: 'Try again later' };
      return { answers: random.chance(0.5) ? [rang, late] : [late], timeout: LONG_MS };
    }
    case 'admitted':
      throw new Error('an admitted call is played in its room');
    case 'refused':
      break;
  }
  if (site.refusal === '404') {
    const phrase = random.pick([
      'Does not match any SIP Trunks',
      'No trunk found',
      'Does not match Trunks or Dispatch Rules',
    ]);
    const late = { after: 200 + random.below(400), status: 404, reason: phrase };
    return { answers: random.chance(0.5) ? [rang, late] : [late], timeout: LONG_MS };
  }
  switch (random.pick(['timeout', 'timeout', 'timeout', 'hung_up', 'hung_up', 'brief', 'never_cancelled'])) {
    case 'hung_up':
      return { answers: [rang], timeout: LONG_MS, hungUpAfter: 3_500 + random.below(40_000) };
    case 'brief':
      return { answers: [rang], timeout: LONG_MS, hungUpAfter: 400 + random.below(1_200) };
    case 'never_cancelled':
      return {
        answers: [rang, { after: 217_000 + rang.after, status: 408, reason: 'Request Timeout' }],
        timeout: LONG_MS,
      };
    default:
      return { answers: [rang], timeout: 5_000 + random.below(55_000) };
  }
}

/** What answers at a host that is not LiveKit's SIP host is not known: anything that may. */
function wrongHostPlay({ random }: World): Play {
  const at = 130 + random.below(600);
  const answer = random.pick([
    { after: at, status: 503, reason: 'Service Unavailable' },
    { after: 20, status: 503, reason: 'Service Unavailable' },
    { after: 30, status: 503, reason: 'DNS Error' },
    { after: at, status: 404, reason: 'No trunk found' },
    { after: 32_000, status: 408, reason: 'Request Timeout' },
    { after: at, status: 503, reason: 'Try again later' },
  ]);
  return { answers: [answer], timeout: LONG_MS };
}

function attempt(
  world: World,
  dialled: { isSeen: boolean; host?: string; callId?: string; uri?: Ending['uri'] },
  { answers, timeout, hungUpAfter, told = [] }: Play,
  truth: Partial<Omit<Truth, 'callSid'>>,
): Attempt {
  const { random, called, caller, credentials, site } = world;
  const { host = site.host, uri = {} } = dialled;
  const port = random.chance(0.15) ? ':5060' : '';
  const transport = uri.transport ?? (random.chance(0.15) ? random.pick(['udp', 'tcp']) : undefined);
  const leg: Leg = {
    callSid: uuid(random),
    callId: dialled.callId ?? uuid(random),
    to: `${uri.scheme ?? 'sip'}:${called}@${host}${port}${transport ? `;transport=${transport}` : ''}`,
    from: caller,
    tag: dialled.isSeen ? { sipwhy: { auth_username: credentials?.username ?? false } } : undefined,
    answers,
  };
  // Of a trunk that may not have been meant, what would stop the call next cannot be told.
  const isGuess = truth.also?.some(([first]) => first !== 'caller_abandoned') || (truth.beneath?.length ?? 0) > 1;
  const latent = isGuess ? [] : (truth.latent ?? []);
  const whole = { blocking: [], also: [], beneath: [], isHole: false, ...truth, latent, callSid: leg.callSid };
  const known = isSourceKnown(world) ? whole : knowable(whole, 'no_sbc_address');
  return { leg, truth: known, timeout, hungUpAfter, told };
}

/** Nobody can tell where one SBC is allowed and another is not, or where a host name may have let the call in. */
function isSourceKnown({ sbcs, trunk: { allowed_addresses } }: World): boolean {
  const allowed = sbcs.filter((sbc) => listsAddress(allowed_addresses, sbc, '')).length;
  const mayBeHost = allowed === 0 && allowed_addresses.some((entry) => /[a-z]\.[a-z]/.test(entry));
  return (allowed === 0 && !mayBeHost) || allowed === sbcs.length;
}

function inviteOf({ called, caller, source, credentials }: World) {
  return { called, caller, source, fromHost: '172.20.10.31', credentials };
}

/** The matching must agree with how the case was made; else the case is wrong, not the code under test. */
function mustStop({ kind }: Admission, faults: readonly Fault[], hasConflict: boolean): void {
  const isStopped = faults.some((fault) => fault !== 'host');
  if (hasConflict ? kind !== 'trunks_conflict' : isStopped !== (kind !== 'admitted')) {
    throw new Error(`the case was made to be stopped by ${faults.join()}: ${kind}`);
  }
}

/** Where the number dialled is like none of any trunk, another trunk with no more faults may have been meant. */
function meantOtherwise(world: World, isSeen: boolean): string[][] {
  const { configuration, called, caller, source, trunk, credentials } = world;
  if (configuration.inbound_trunks.some(({ numbers }) => listsNumber(numbers, called))) return [];
  const tail = called.replace(/\D/g, '').slice(-6);
  const isAlike = tail.length === 6 && trunk.numbers.some((number) => number.replace(/\D/g, '').endsWith(tail));
  if (isAlike) return [];
  const faultsOf = (other: Trunk) => {
    const set = ['called_number_not_on_trunk'];
    if (!listsAddress(other.allowed_addresses, source, '')) set.push('source_address_not_allowed');
    if (!listsNumber(other.allowed_numbers, caller)) set.push('caller_not_allowed');
    if (isSeen && other.auth_username && other.auth_password) {
      if (!credentials) set.push('auth_missing');
      else if (credentials.username !== other.auth_username) set.push('auth_rejected');
    }
    const rules = configuration.dispatch_rules;
    const isBound = rules.some(({ trunk_ids }) => trunk_ids.includes(other.sip_trunk_id));
    if (rules.length === 0) set.push('no_dispatch_rule');
    else if (!isBound) {
      const isWild = rules.some(({ trunk_ids }) => trunk_ids.length === 0);
      set.push(isWild ? 'dispatch_rule_number_mismatch' : 'dispatch_rule_other_trunk');
    }
    return set;
  };
  const sets = configuration.inbound_trunks.filter((other) => other !== trunk).map(faultsOf);
  // Whoever has made a rule for a trunk has rather meant that one.
  const ruled = sets.filter((set) => !set.some((cause) => cause.includes('dispatch')));
  return [...shortest(sets), ...shortest(ruled)];
}

function shortest(sets: readonly string[][]): string[][] {
  const fewest = Math.min(...sets.map(({ length }) => length));
  return sets.filter(({ length }) => length === fewest);
}

/** A leg that came to Jambonz and failed by itself. */
export function ownLeg(random: Random, manner: Manner): { webhooks: Webhook[]; truths: Truth[] } {
  const at = 200 + random.below(3_000);
  const [status, reason, cause] = random.pick<readonly [number, string, string]>([
    [486, 'Busy Here', 'callee_busy'],
    [404, 'Not Found', 'callee_unknown'],
    [603, 'Decline', 'callee_declined'],
    [487, 'Request Terminated', 'caller_abandoned'],
    [503, 'Max Account Calls In Progress', 'jambonz_account_limit'],
    [503, 'Maximum Calls In Progress', 'jambonz_capacity'],
    [500, 'Trying', 'jambonz_internal_error'],
  ]);
  const { sid, sent } = inboundLeg(random, [{ after: at, status, reason }], manner);
  return {
    webhooks: sent,
    truths: [{ callSid: sid, blocking: [cause], also: [], latent: [], beneath: [], isHole: false }],
  };
}
