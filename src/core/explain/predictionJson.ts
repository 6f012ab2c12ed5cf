import { PARTY_WORDS } from '../diagnose/diagnosis.ts';
import { isComplete } from '../fixes/fix.ts';
import type { Place } from '../predict/callKind.ts';
import type { Hit } from '../predict/forecast.ts';
import type { PredictedKind, Prediction, PredictionClosed } from '../predict/prediction.ts';
import { titleOf } from './incidentJson.ts';

/** A predicted incident as JSON. Keys are public. */
export type PredictionJson = ReturnType<typeof predictionJson>;

/** `trunkName`: LiveKit's name of the trunk, where it is known. */
export function predictionJson(prediction: Prediction, trunkName: string | undefined) {
  const { id, effect, cause, party, trunk, closed, change, fix, takeBack, kinds } = prediction;
  return {
    id,
    /** predicted: the configuration in force does this, and no call needs to have failed. */
    state: closed ? ('closed' as const) : ('predicted' as const),
    effect,
    cause: cause ?? null,
    title: titleOfPrediction(prediction),
    party,
    trunk,
    trunk_name: trunkName === undefined || trunkName === '' ? null : trunkName,
    /** Whether it rests on nothing unknown. */
    certain: prediction.isCertain,
    opened_at: iso(prediction.openedAt),
    closed_at: closed ? iso(closed.at) : null,
    closed_because: closed?.because ?? null,
    closed_text: closed ? closedText(closed) : null,
    change: { since: iso(change.since), at: iso(change.at), changes: change.texts },
    kinds: kinds.map(kindJson),
    kinds_hit: prediction.kindsHit,
    kinds_seen: prediction.kindsSeen,
    calls_per_day: round(prediction.callsPerDay),
    traffic_share: prediction.share,
    fix: fix ? { action: fix.action, pastes: fix.pastes, proof: fix.proof ?? null } : null,
    take_back: takeBack ? { steps: takeBack.steps, pastes: takeBack.pastes, by_hand: takeBack.byHand } : null,
    command:
      [...(fix?.pastes ?? []), ...(takeBack?.pastes ?? [])].find(
        ({ format, text }) => format === 'shell' && isComplete(text),
      )?.text ?? null,
    summary: summarise(prediction),
  };
}

/** A kind of calls as JSON. */
export function kindJson({ to, caller, isGroup, callsPerDay, before, now }: Omit<PredictedKind, 'key'>) {
  return {
    to,
    caller: caller ?? null,
    /** Whether it stands for callers that no list has. */
    any_caller: isGroup ?? false,
    calls_per_day: round(callsPerDay),
    before: placeJson(before),
    now: now ? placeJson(now) : null,
  };
}

/** What a predicted incident says, without numbers of callers: also a label of its metric. */
export function titleOfPrediction({ effect, cause, hole, isCertain }: Prediction): string {
  return effect === 'opened' ? (hole?.what.replace(/\.$/, '') ?? '') : titleOfHit(effect, cause, isCertain);
}

/** What would happen to the calls of a hit, in words. */
export function titleOfForecast(hit: Hit): string {
  return hit.effect === 'refused' ? titleOfHit(hit.effect, hit.cause, hit.isCertain) : titleOfHit(hit.effect);
}

function titleOfHit(effect: Hit['effect'], cause = '', isCertain = true): string {
  if (effect === 'other_place') return 'calls would reach another room or agent';
  return `calls ${isCertain ? 'would' : 'may'} fail: ${titleOf(cause)}`;
}

function summarise(prediction: Prediction): string {
  const { change, effect, kinds } = prediction;
  const what = capitalised(titleOfPrediction(prediction));
  const because = change.texts.length > 0 ? ` Change: ${change.texts.join('; ')}.` : '';
  if (effect === 'opened') return `${what}.${because}`;
  const [first] = kinds;
  const moved = first?.now ? ` Before: ${placeText(first.before)}. Now: ${placeText(first.now)}.` : '';
  return `${what}: ${extentText(prediction)}.${moved}${because}`;
}

type Extent = Pick<Prediction, 'kindsHit' | 'kindsSeen' | 'callsPerDay' | 'share'>;

/** How many calls it concerns, such as `31 of the 40 kinds of calls seen in the last 7 days, 212 calls a day (80 % of all)`. */
export function extentText({ kindsHit, kindsSeen, callsPerDay, share }: Extent): string {
  const kinds = kindsSeen === 1 ? 'the only kind of calls' : `${kindsHit} of the ${kindsSeen} kinds of calls`;
  return `${kinds} seen in the last 7 days, ${inWords(callsPerDay)} (${percent(share)} of all)`;
}

function inWords(callsPerDay: number): string {
  if (callsPerDay < 1) return 'less than a call a day';
  const calls = Math.round(callsPerDay);
  return calls === 1 ? '1 call a day' : `${calls} calls a day`;
}

/** A predicted incident for a terminal. */
export function predictionText(prediction: PredictionJson): string {
  const { state, summary, party, fix, take_back: back, closed_text } = prediction;
  const isOpen = state === 'predicted';
  return [
    `${isOpen ? 'Predicted' : 'Was predicted'}: ${summary}`,
    ...(closed_text ? [closed_text] : []),
    ...(isOpen ? [`Owner: ${PARTY_WORDS[party]}.`] : []),
    ...(isOpen && fix ? [`Fix: ${fix.action}`] : []),
    ...(isOpen && back && back.steps.length > 0 ? [`Or take the change back: ${back.steps.join(' ')}`] : []),
  ].join('\n');
}

export const CLOSED_PREDICTION_WORDS: Record<PredictionClosed, string> = {
  taken_back: 'Closed: LiveKit’s configuration treats these calls as before again.',
  calls_connected: 'Closed: such calls have connected since.',
  no_calls: 'Closed: no such call connected in the last 7 days.',
  resolved_by_hand: 'Closed by hand.',
};

function closedText({ because, by }: NonNullable<Prediction['closed']>): string {
  const words = CLOSED_PREDICTION_WORDS[because];
  return by === undefined ? words : `${words.slice(0, -1)}, by ${by}.`;
}

function placeJson({ trunk, rule, roomKind, room, agents }: Place) {
  return { trunk: trunk ?? null, rule, room_kind: roomKind ?? null, room, agents };
}

function placeText({ rule, roomKind, room, agents }: Place): string {
  const where = roomKind === 'direct' ? `room ${room}` : `rooms ${room}…`;
  return `${where}, ${agents.length > 0 ? `agent ${agents.join(', ')}` : 'no named agent'}, by ${rule}`;
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? 'less than 1 %' : `${Math.round(share * 100)} %`;
}

function round(calls: number): number {
  return Math.round(calls * 10) / 10;
}

function capitalised(text: string): string {
  return text.replace(/^./, (letter) => letter.toUpperCase());
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
