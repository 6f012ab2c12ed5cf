import { parseSipUri } from '../call/sipUri.ts';
import type { Party } from '../diagnose/cause.ts';
import { causeOf } from '../diagnose/causeOf.ts';
import { lineOf } from '../trunks/hashedNumber.ts';
import type { SettledCall } from './failure.ts';
import {
  type AfterFix,
  close,
  type FailedQuestion,
  type Folded,
  type Incident,
  isOpen,
  isTrunkId,
} from './incident.ts';

/** How many calls in a row must connect if no single call can show that the cause is gone, … */
export const CONNECTED_IN_A_ROW = 3;
/**
 * … and how long, in milliseconds, after the last failure the last of them must come: even an outage lets some calls
 * through.
 */
export const CONNECTED_AFTER_MS = 5 * 60_000;

/** Parties whose faults stay until a person changes something, and stop the same calls each time. */
export const CONFIGURING: ReadonlySet<Party> = new Set(['application', 'livekit_config']);

/**
 * What a connected call says about an incident. `same`: the same kind of call as those that failed, and it would have
 * failed too.
 * `alike`: it took the same route, but may never have met the cause.
 */
export type Bearing = 'same' | 'alike' | 'none';

/**
 * `wouldHaveFailed`: whether LiveKit's configuration at the incident's last failure shows its cause for this call;
 * it is asked only where that decides.
 */
export function bearingOf(incident: Incident, call: SettledCall, wouldHaveFailed: () => boolean): Bearing {
  // An answered call may yet have been dropped by this very cause.
  if (call.startedAt <= incident.last.at || call.record.cause === incident.cause) return 'none';
  // Calls go on with this cause, so only one that did what failed says anything.
  if (isOutlived(incident) && !call.record.transferred) return 'none';
  const { party, trunk, questions } = incident;
  const isOnTrunk = call.record.trunk === trunk;
  const isLikeOne = questions.some((question) => isLike(question, call.record, party));
  if (!CONFIGURING.has(party)) {
    // `none` and `unknown` include calls to many different hosts.
    const isSameWay = isOnTrunk && (isTrunkId(trunk) || questions.some(({ to }) => isSamePlace(to, call.record.to)));
    return isSameWay ? 'alike' : 'none';
  }
  if (isLikeOne && (isOnTrunk || !isTrunkId(trunk))) return 'same';
  if (!isOnTrunk) return 'none';
  if (party === 'livekit_config') return wouldHaveFailed() ? 'same' : 'none';
  return 'alike';
}

/** Whether an incident's cause drops answered calls: only the end of a call then shows whether it met the cause. */
export function dropsCalls({ cause }: Incident): boolean {
  return causeOf(cause)?.stage === 'after_answer';
}

/** Whether an incident's calls go on in spite of its cause. */
export function isOutlived({ cause }: Incident): boolean {
  return causeOf(cause)?.callGoesOn === true;
}

/** Records a connected call, and closes the incident if the call shows that the cause is gone. */
export function foldConnected(incident: Incident, call: SettledCall, bearing: Bearing): Folded | undefined {
  if (bearing === 'none') return undefined;
  const at = call.startedAt;
  const afterFix: AfterFix = { state: 'next_call_connected', at, id: call.id, callSid: call.callSid };
  if (!isOpen(incident)) return awaitsNextCall(incident) ? { incident: { ...incident, afterFix } } : undefined;
  if (bearing === 'same') return close(incident, 'next_call_connected', at, afterFix);
  const connected = incident.connected + 1;
  const isEnough = connected >= CONNECTED_IN_A_ROW && at - incident.last.at >= CONNECTED_AFTER_MS;
  const changed = { ...incident, connected };
  if (isEnough) return close(changed, 'calls_connected', at, afterFix);
  return connected > CONNECTED_IN_A_ROW ? undefined : { incident: changed };
}

/** Whether a real call has yet to confirm that a closed incident is over. */
export function awaitsNextCall({ closed, afterFix }: Incident): boolean {
  if (closed?.because !== 'recheck_passes' && closed?.because !== 'probe_ok') return false;
  return afterFix?.state === 'recheck_passes' || afterFix?.state === 'probe_ok';
}

/** The same caller and, if LiveKit's configuration is at fault, also the same called number. */
function isLike(question: FailedQuestion, call: SettledCall['record'], party: Party): boolean {
  if (question.from === undefined || call.from === undefined || lineOf(question.from) !== lineOf(call.from))
    return false;
  if (party === 'application') return true;
  return question.to !== undefined && call.to !== undefined && lineOf(question.to) === lineOf(call.to);
}

function isSamePlace(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && placeOf(a) === placeOf(b);
}

/** The host of a SIP URI; `undefined` for every phone number: the carriers are one place. */
function placeOf(to: string): string | undefined {
  return parseSipUri(to)?.host;
}
