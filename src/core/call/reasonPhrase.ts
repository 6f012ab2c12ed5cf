// RFC 3261, section 21, and its successors. If a status has several phrases, all of them are in use.
const SIP_PHRASES: Record<number, readonly string[]> = {
  100: ['Trying'],
  180: ['Ringing'],
  181: ['Call Is Being Forwarded'],
  182: ['Queued'],
  183: ['Session Progress'],
  200: ['OK'],
  202: ['Accepted'],
  300: ['Multiple Choices'],
  301: ['Moved Permanently'],
  302: ['Moved Temporarily'],
  305: ['Use Proxy'],
  380: ['Alternative Service'],
  400: ['Bad Request'],
  401: ['Unauthorized'],
  402: ['Payment Required'],
  403: ['Forbidden'],
  404: ['Not Found'],
  405: ['Method Not Allowed'],
  406: ['Not Acceptable'],
  407: ['Proxy Authentication Required'],
  408: ['Request Timeout'],
  410: ['Gone'],
  413: ['Request Entity Too Large'],
  414: ['Request-URI Too Long'],
  415: ['Unsupported Media Type'],
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
  501: ['Not Implemented'],
  502: ['Bad Gateway'],
  503: ['Service Unavailable'],
  504: ['Server Time-out', 'Gateway Timeout'],
  505: ['Version Not Supported'],
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

/**
 * Whether a phrase belongs to another status, as in `500 "Ringing"`. Then the feature server failed without a SIP
 * response, and the phrase is left from the event before. False for a phrase that no status has.
 */
export function isStalePhrase(status: number, phrase: string): boolean {
  const statuses = PHRASE_STATUSES.get(phrase.toLowerCase());
  return statuses !== undefined && !statuses.has(status);
}

/** Whether the phrase belongs to a 1xx or 2xx status. Only those can be left from the event before a failure. */
export function isProgressPhrase(phrase: string): boolean {
  return [...(PHRASE_STATUSES.get(phrase.toLowerCase()) ?? [])].some((status) => status < 300);
}

function statusesOf(phrase: string): Set<number> {
  const key = phrase.toLowerCase();
  const statuses = PHRASE_STATUSES.get(key) ?? new Set<number>();
  PHRASE_STATUSES.set(key, statuses);
  return statuses;
}
