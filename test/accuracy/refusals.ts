import { LONG_MS, type Play } from './generatedAttempt.ts';
import type { Admission } from './generatedLivekit.ts';
import type { World } from './world.ts';

/** LiveKit's answers to a call that it does not admit. */
export function livekitPlay({ random, site }: World, { kind }: Admission): Play {
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
export function wrongHostPlay({ random }: World): Play {
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
