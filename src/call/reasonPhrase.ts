import { STATUS_CODES } from 'node:http';

// RFC 3261, section 21, and its successors, where they differ from HTTP's table or are not in it.
const SIP_PHRASES: Record<number, readonly string[]> = {
  100: ['Trying'],
  180: ['Ringing'],
  181: ['Call Is Being Forwarded'],
  182: ['Queued'],
  183: ['Session Progress'],
  200: ['OK'],
  202: ['Accepted'],
  408: ['Request Timeout'],
  410: ['Gone'],
  416: ['Unsupported URI Scheme'],
  420: ['Bad Extension'],
  480: ['Temporarily Unavailable', 'Temporarily not available'],
  481: ['Call/Transaction Does Not Exist', 'Call Leg/Transaction Does Not Exist'],
  482: ['Loop Detected'],
  483: ['Too Many Hops'],
  484: ['Address Incomplete'],
  485: ['Ambiguous'],
  486: ['Busy Here', 'Busy'],
  487: ['Request Terminated'],
  488: ['Not Acceptable Here'],
  491: ['Request Pending'],
  500: ['Server Internal Error', 'Internal Server Error'],
  503: ['Service Unavailable'],
  504: ['Server Time-out', 'Gateway Timeout'],
  513: ['Message Too Large'],
  600: ['Busy Everywhere'],
  603: ['Decline', 'Declined'],
  604: ['Does Not Exist Anywhere'],
  606: ['Not Acceptable'],
};

const PHRASE_STATUSES = new Map<string, Set<number>>();
for (const [status, phrases] of Object.entries(SIP_PHRASES)) {
  for (const phrase of phrases) statusesOf(phrase).add(Number(status));
}

/** The standard phrase of a status, which an SBC puts where the far end sent none; `undefined` for an unknown status. */
export function standardPhrase(status: number): string | undefined {
  return SIP_PHRASES[status]?.[0] ?? STATUS_CODES[status];
}

/** Whether the phrase is a standard one of this status. Letter case counts: LiveKit's own 400 says `Bad request`. */
export function isStandardPhrase(status: number, phrase: string): boolean {
  return phrase === STATUS_CODES[status] || (SIP_PHRASES[status]?.includes(phrase) ?? false);
}

/**
 * Whether a phrase belongs to another status, as in `500 "Ringing"`: the feature server failed without a SIP answer
 * and left the phrase of the event before in place.
 */
export function isStalePhrase(status: number, phrase: string): boolean {
  const statuses = PHRASE_STATUSES.get(phrase.toLowerCase());
  return statuses !== undefined && !statuses.has(status);
}

function statusesOf(phrase: string): Set<number> {
  const key = phrase.toLowerCase();
  const statuses = PHRASE_STATUSES.get(key) ?? new Set<number>();
  PHRASE_STATUSES.set(key, statuses);
  return statuses;
}
