import type { Random } from '../oracle/random.ts';
import type { Answer } from './generatedJambonz.ts';

// SIP answers that have nothing to do with how LiveKit is configured: FACTS, sections 1 and 3, row by row.

export interface Ending {
  readonly cause: string;
  readonly answers: readonly Answer[];
  /** What the dialled URI looks like, where that is the point. */
  readonly uri?: { readonly scheme?: 'sips'; readonly transport?: string };
  /** Sets that are as right. */
  readonly also?: readonly string[];
}

const once = (after: number, status: number, reason: string): Answer[] => [{ after, status, reason }];
const soon = (random: Random) => 3 + random.below(60);
const later = (random: Random) => 130 + random.below(3_000);

/** Ends a call before LiveKit has a say: in Jambonz, in the SBC's SIP stack, or on the network. */
export function beforeLiveKit(random: Random): Ending {
  const quick = soon(random);
  return random.pick<() => Ending>([
    () => ({ cause: 'jambonz_capacity', answers: once(quick, 503, 'Maximum Calls In Progress') }),
    () => ({ cause: 'jambonz_account_limit', answers: once(quick, 503, 'Max Account Calls In Progress') }),
    () => ({
      cause: 'jambonz_service_provider_limit',
      answers: once(quick, 503, 'Max Service Provider Calls In Progress'),
    }),
    () => ({ cause: 'jambonz_no_subscription', answers: once(quick, 503, 'No Active Subscription') }),
    () => ({ cause: 'jambonz_no_media_server', answers: once(quick, 480, 'Temporarily Unavailable') }),
    () => ({ cause: 'jambonz_loop', answers: once(quick, 482, 'Loop Detected') }),
    () => ({ cause: 'jambonz_internal_error', answers: once(quick, 500, 'Trying') }),
    () => ({ cause: 'media_negotiation_failed', answers: once(quick, 488, 'Not Acceptable Here') }),
    () => ({ cause: 'dns_failure', answers: once(quick, 503, 'DNS Error') }),
    () => ({ cause: 'dns_failure', answers: once(64_000 + random.below(9_000), 503, 'DNS Error') }),
    () => ({ cause: 'transport_unreachable', answers: once(soon(random), 503, 'Service Unavailable') }),
    () => ({
      cause: 'transport_unreachable',
      answers: once(quick, 503, random.pick(['No transport', 'Cannot insert Via'])),
    }),
    () => ({
      cause: 'transport_unreachable',
      answers: once(quick, 416, 'Unsupported URI Scheme'),
      uri: { scheme: 'sips' },
    }),
    () => ({
      cause: 'transport_unreachable',
      answers: once(quick, 500, 'Server Internal Error'),
      uri: random.pick([{ transport: 'tls' }, { transport: 'ws' }, { scheme: 'sips' as const }]),
    }),
    () => ({ cause: 'sip_timeout', answers: once(32_000 + random.below(300), 408, 'Request Timeout') }),
    () => ({ cause: 'sip_timeout', answers: once(64_000 + random.below(500), 408, 'Request Timeout') }),
  ])();
}

/** LiveKit's service answers, and its backend does not. */
export function backendDown(random: Random): Ending {
  return random.pick<() => Ending>([
    () => ({ cause: 'livekit_unavailable', answers: once(later(random), 503, 'Try again later') }),
    () => ({ cause: 'livekit_quota_exceeded', answers: once(later(random), 503, 'Service temporarily unavailable') }),
  ])();
}

/** After a trunk and a rule have matched: one 180 and then the failure. */
export function afterAdmission(random: Random): Ending {
  const rang = { after: 90, status: 180, reason: 'Ringing' };
  const at = 100 + random.below(200);
  return random.pick<() => Ending>([
    () => ({ cause: 'media_negotiation_failed', answers: [rang, ...once(at, 400, '')] }),
    () => ({ cause: 'media_negotiation_failed', answers: [rang, ...once(at, 500, '')] }),
    () => ({ cause: 'jambonz_internal_error', answers: [rang, ...once(at + 900, 500, 'Ringing')] }),
  ])();
}

/** How a leg that is not LiveKit's ends. `isNumber`: it was dialled as a telephone number. */
export function elsewhere(random: Random, isNumber: boolean): Ending {
  const progress = random.pick<Answer[]>([
    once(900 + random.below(2_000), 180, 'Ringing'),
    once(700 + random.below(900), 183, 'Session Progress'),
  ]);
  const at = 3_500 + random.below(15_000);
  const refusedAt = later(random);
  return random.pick<() => Ending>([
    () => ({ cause: 'callee_busy', answers: [...progress, ...once(at, 486, random.pick(['Busy Here', 'User Busy']))] }),
    () => ({ cause: 'callee_busy', answers: once(refusedAt, random.pick([486, 600]), 'Busy Everywhere') }),
    () => ({ cause: 'callee_declined', answers: [...progress, ...once(at, 603, 'Decline')] }),
    () => ({ cause: 'callee_no_answer', answers: [...progress, ...once(at, 480, 'Temporarily Unavailable')] }),
    () => ({ cause: 'callee_no_answer', answers: progress }),
    () => ({
      cause: 'callee_unknown',
      answers: once(refusedAt, random.pick([404, 410, 484, 604]), 'Unallocated number'),
    }),
    () => ({
      cause: 'carrier_rejected',
      answers: once(refusedAt, random.pick([403, 500, 502, 504]), 'Rejected by policy'),
    }),
    () => ({
      cause: 'carrier_rejected',
      answers: once(refusedAt, 503, random.pick(['Service Unavailable', 'No circuit'])),
    }),
    () => ({ cause: 'media_negotiation_failed', answers: once(refusedAt, 488, 'Not Acceptable Here') }),
    () => ({ cause: 'jambonz_internal_error', answers: [...progress, ...once(at, 500, 'Ringing')] }),
    () => ({ cause: 'connected', answers: [...progress, ...once(at, 200, 'OK')] }),
    () =>
      isNumber
        ? { cause: 'jambonz_no_carrier', answers: once(soon(random), 603, 'Decline') }
        : { cause: 'callee_declined', answers: once(refusedAt, 603, 'Decline') },
    () => {
      const { cause, answers } = beforeLiveKit(random);
      if (cause === 'media_negotiation_failed') return { cause, answers };
      // A far end may have said the same at once, and what LiveKit never says a carrier may.
      const { status = 0, reason } = answers[0] ?? {};
      if (status === 500 && reason !== 'Trying')
        return { cause: 'carrier_rejected', answers: once(refusedAt, 500, 'Server Internal Error') };
      if (status === 480) return { cause, answers, also: ['callee_no_answer'] };
      if (reason === 'Service Unavailable') return { cause, answers, also: ['carrier_rejected'] };
      return { cause, answers };
    },
  ])();
}
