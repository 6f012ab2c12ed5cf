import type { Ending } from './endings.ts';
import { type Answer, type Leg, uuid, type Webhook } from './generatedJambonz.ts';
import { listsAddress } from './generatedLivekit.ts';
import { knowable } from './knowable.ts';
import type { World } from './world.ts';

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
  readonly delivered: readonly Webhook[];
}

export const LONG_MS = 400_000;

/** How a leg is answered, and how its dial ends. */
export interface Play {
  readonly answers: readonly Answer[];
  readonly timeout: number;
  readonly hungUpAfter?: number | undefined;
  readonly delivered?: readonly Webhook[];
}

/** Puts a leg together with its truth. */
export function attempt(
  world: World,
  dialled: { isSeen: boolean; host?: string; callId?: string; uri?: Ending['uri'] },
  { answers, timeout, hungUpAfter, delivered = [] }: Play,
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
  const isMerelyPossible =
    truth.also?.some(([first]) => first !== 'caller_abandoned') || (truth.beneath?.length ?? 0) > 1;
  const latent = isMerelyPossible ? [] : (truth.latent ?? []);
  const whole = { blocking: [], also: [], beneath: [], isHole: false, ...truth, latent, callSid: leg.callSid };
  const known = isSourceKnown(world) ? whole : knowable(whole, 'no_sbc_address');
  return { leg, truth: known, timeout, hungUpAfter, delivered };
}

/** Nobody can tell where one SBC is allowed and another is not, or where a host name may have let the call in. */
export function isSourceKnown({ sbcs, trunk: { allowed_addresses } }: World): boolean {
  const allowed = sbcs.filter((sbc) => listsAddress(allowed_addresses, sbc, '')).length;
  const mayBeHost = allowed === 0 && allowed_addresses.some((entry) => /[a-z]\.[a-z]/.test(entry));
  return (allowed === 0 && !mayBeHost) || allowed === sbcs.length;
}

/** The INVITE as LiveKit sees it. */
export function inviteOf({ called, caller, source, credentials }: World) {
  return { called, caller, source, fromHost: '172.20.10.31', credentials };
}
