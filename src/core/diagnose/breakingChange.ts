import { verdictOf } from '../fixes/prove.ts';
import type { ConfigurationChange, SeenChange } from '../trunks/difference.ts';
import { type Judgement, judge } from '../trunks/judge/judge.ts';
import { addTo } from '../trunks/judge/likeNumbers.ts';
import type { Stage } from './cause.ts';
import { causeOf } from './causeOf.ts';
import type { CauseId } from './causes.ts';

/** A change of LiveKit's configuration shortly before a call, in the fields that the call's causes rest on. */
export interface ChangeBefore {
  /** Epoch milliseconds of the last reading without the change, and of the first reading with it. */
  readonly since: number;
  readonly at: number;
  /** The first of the call's causes that rests on it. */
  readonly cause: CauseId;
  /** The likely trunk of the call; `undefined` if there was none. */
  readonly trunk: string | undefined;
  readonly texts: readonly string[];
  /** The verdict of LiveKit's matching under the configuration before the change. */
  readonly verdictBefore: ReturnType<typeof verdictOf>;
  /** Whether that verdict is better than the one after the change. */
  readonly wasBetter: boolean;
}

/** A change shortly before a call, as the explanation names it. */
export interface NamedChange extends ChangeBefore {
  /** From the first reading with the change to the call's start; 0 if that reading came later. */
  readonly secondsBefore: number;
  /** Seconds from the change to the first failure that followed connected calls; `undefined` if unknown. */
  readonly firstFailureSecondsAfter: number | undefined;
}

/** Names a change for a call. `startedAt` and `firstFailureAt` (if known) are in epoch milliseconds. */
export function nameChange(change: ChangeBefore, startedAt: number, firstFailureAt: number | undefined): NamedChange {
  const secondsAfter = (time: number) => Math.max(0, Math.round((time - change.at) / 1000));
  return {
    ...change,
    secondsBefore: secondsAfter(startedAt),
    firstFailureSecondsAfter: firstFailureAt === undefined ? undefined : secondsAfter(firstFailureAt),
  };
}

/** The fields that decide at each stage at which a call can be stopped. */
const DECIDING: Partial<Record<Stage, { readonly trunk: readonly string[]; readonly rule: readonly string[] }>> = {
  trunk: { trunk: [], rule: [] },
  called: { trunk: ['numbers'], rule: [] },
  source: { trunk: ['allowed_addresses'], rule: [] },
  caller: { trunk: ['allowed_numbers'], rule: [] },
  conflict: { trunk: ['numbers', 'allowed_addresses', 'allowed_numbers'], rule: [] },
  auth: { trunk: ['auth_username', 'auth_password'], rule: [] },
  dispatch: { trunk: [], rule: ['kind', 'trunk_ids', 'numbers', 'inbound_numbers', 'pin'] },
  media: { trunk: ['media', 'media_encryption'], rule: ['media', 'media_encryption'] },
  room: { trunk: ['ringing_timeout_seconds'], rule: [] },
  agent: { trunk: [], rule: ['kind', 'room', 'room_config', 'room_preset'] },
};

/** Further changes are counted, not listed. */
const TEXTS_SHOWN = 5;

/**
 * The change that the causes of a failed call rest on; `undefined` if there is none. Of several, it is the latest
 * one before which the call would have got further, else the latest one.
 * `seen` are the changes before the call, the latest first; `blocking` the call's causes.
 */
export function changeBefore(
  blocking: readonly CauseId[],
  match: Judgement,
  seen: readonly SeenChange[],
): ChangeBefore | undefined {
  const found = seen.flatMap((change) => named(blocking, match, change) ?? []);
  return found.find(({ wasBetter }) => wasBetter) ?? found[0];
}

function named(blocking: readonly CauseId[], match: Judgement, seen: SeenChange): ChangeBefore | undefined {
  const before = judge(seen.before, match.call);
  const concerning = changesConcerning(match, before, seen);
  for (const cause of blocking) {
    const stage = causeOf(cause)?.stage;
    const changes = stage === undefined ? [] : concerning(stage);
    if (changes.length === 0) continue;
    const more = changes.length > TEXTS_SHOWN ? [`${changes.length - TEXTS_SHOWN} more changes`] : [];
    const verdictBefore = verdictOf(before);
    return {
      since: seen.since,
      at: seen.at,
      cause,
      trunk: (before.likelyTrunk ?? match.likelyTrunk)?.trunk.sip_trunk_id,
      texts: [...changes.slice(0, TEXTS_SHOWN).map(({ text }) => text), ...more],
      verdictBefore,
      // Compared with the result of this change alone: a later change may have made it worse, or better.
      wasBetter: BETTER[verdictBefore] > BETTER[verdictOf(judge(seen.after, match.call))],
    };
  }
  return undefined;
}

const BETTER = { refused: 0, unknown: 1, admitted: 2 };

/** The places of changes in their list. */
interface ChangePlaces {
  /** Of changes of a trunk, or of rules that are bound to it before or after. */
  readonly byTrunk: ReadonlyMap<string, readonly number[]>;
  /** Of changes of rules that are bound to no trunk before or after. */
  readonly ofWildcards: readonly number[];
}

/** Many calls come after one change of thousands of trunks. */
const places = new WeakMap<SeenChange['changes'], ChangePlaces>();

function placesOf({ before, after, changes }: SeenChange): ChangePlaces {
  const known = places.get(changes);
  if (known) return known;
  const byTrunk = new Map<string, number[]>();
  const ofWildcards: number[] = [];
  for (const [place, { kind, id }] of changes.entries()) {
    if (kind === 'trunk') addTo(byTrunk, id, place);
    else {
      const rules = [...before.rulesWithId(id), ...after.rulesWithId(id)];
      if (rules.some(({ trunk_ids }) => trunk_ids.length === 0)) ofWildcards.push(place);
      for (const trunkId of new Set(rules.flatMap(({ trunk_ids }) => trunk_ids))) addTo(byTrunk, trunkId, place);
    }
  }
  const found = { byTrunk, ofWildcards };
  places.set(changes, found);
  return found;
}

/** The changes of a trunk or rule of the call in a field that decides at the stage where it was stopped. */
function changesConcerning(match: Judgement, before: Judgement, seen: SeenChange) {
  const trunks = new Set([match, before].flatMap(trunksOf));
  const { byTrunk, ofWildcards } = placesOf(seen);
  const near = new Set([...trunks].flatMap((id) => byTrunk.get(id) ?? []).concat(ofWildcards));
  const inOrder = [...near].sort((a, b) => a - b).flatMap((place) => seen.changes[place] ?? []);
  return (stage: Stage): ConfigurationChange[] => {
    const deciding = DECIDING[stage];
    if (!deciding) return [];
    return inOrder.filter(({ kind, id, change, field = '' }) => {
      if (kind === 'trunk') {
        if (change === 'changed') return deciding.trunk.includes(field);
        // A call that LiveKit admitted had its trunk.
        return stage !== 'room' && stage !== 'agent';
      }
      // With a wildcard bypass, no trunk's fault stopped the call.
      if (id === before.wildcardBypass?.sip_dispatch_rule_id) return true;
      return deciding.rule.length > 0 && (change !== 'changed' || deciding.rule.includes(field));
    });
  };
}

function trunksOf({ likelyTrunk, choice }: Judgement): string[] {
  const between = choice.kind === 'conflict' || choice.kind === 'unknown' ? (choice.between ?? []) : [];
  return [...(likelyTrunk ? [likelyTrunk] : []), ...between].map(({ trunk }) => trunk.sip_trunk_id);
}
