import type { Random } from '../oracle/random.ts';
import { afterAdmission, elsewhere } from './endings.ts';
import { putIn } from './faults.ts';
import { otherFailure } from './faulty.ts';
import { type Attempt, attempt, inviteOf, LONG_MS, type Truth } from './generatedAttempt.ts';
import { inboundLeg, type Manner, uuid, type Webhook } from './generatedJambonz.ts';
import { admit } from './generatedLivekit.ts';
import { stopByMedia } from './generatedMedia.ts';
import { stay } from './generatedRoom.ts';
import { livekitPlay } from './refusals.ts';
import { newTrunk, setPassword, type World } from './world.ts';

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
  if (random.chance(0.18)) {
    const { status, blocking, also } = stopByMedia(random, admission.trunk, rule);
    const rang = { after: 90, status: 180, reason: 'Ringing' };
    const answers = [rang, { after: 100 + random.below(200), status, reason: '' }];
    return attempt(world, { isSeen }, { answers, timeout: LONG_MS }, { blocking, also, isHole });
  }
  if (random.chance(0.2)) {
    const { cause, answers } = afterAdmission(random);
    // A single 180 before Jambonz failed does not show that LiveKit let the call in.
    const wildcardBypass = { isHole: cause === 'jambonz_internal_error' && isHole ? undefined : isHole };
    return attempt(world, { isSeen }, { answers, timeout: LONG_MS }, { blocking: [cause], ...wildcardBypass });
  }
  if (!isHole && random.chance(0.1)) {
    const { cause, answers, uri } = otherFailure(world);
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
  return { leg, truth, timeout: hasFinal ? LONG_MS : 25_000 + random.below(30_000), delivered: [] };
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
