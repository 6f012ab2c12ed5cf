import { parseSipUri, userPartOf } from '../call/sipUri.ts';
import { isLiveKitHost, type Site } from '../diagnose/facts/site.ts';
import type { AttemptRecord } from '../diagnose/record.ts';
import { effectsInSteps } from '../fixes/effects.ts';
import type { CallToJudge } from '../trunks/judge/judge.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import type { describeCall } from './callJson.ts';

/** A call whose fixes may list their side effects. */
export type CallWithEffects = ReturnType<typeof describeCall>;

/** For how many changes the side effects are listed. The attempts of a call usually have the same few fixes. */
const CHANGES_TRIED = 20;

type Fix = CallWithEffects['attempts'][number]['fixes'][number];

/** Adds to the fixes their side effects on recent calls, under the current configuration. In short steps. */
export function* withEffects(
  call: CallWithEffects,
  site: Site,
  snapshot: Snapshot,
  recent: readonly AttemptRecord[],
): Generator<void, CallWithEffects> {
  const calls = recent.flatMap((record) => callOf(site, record) ?? []);
  const tried = new Map<string, Fix['effects']>();
  for (const { change } of call.attempts.flatMap(({ fixes }) => fixes)) {
    if (change === undefined || change.kind === 'dial') continue;
    if (tried.size === CHANGES_TRIED) break;
    const key = JSON.stringify(change);
    if (!tried.has(key)) tried.set(key, yield* effectsInSteps(change, snapshot, calls));
  }
  const withItsEffects = (fix: Fix): Fix => {
    const effects = fix.change && tried.get(JSON.stringify(fix.change));
    return effects ? { ...fix, effects } : fix;
  };
  return {
    ...call,
    attempts: call.attempts.map((attempt) => ({ ...attempt, fixes: attempt.fixes.map(withItsEffects) })),
  };
}

/** A recent attempt as LiveKit would judge it; `undefined` for a leg that is not LiveKit's. */
function callOf(site: Site, { from, to }: AttemptRecord): CallToJudge | undefined {
  const uri = to === undefined ? undefined : parseSipUri(to);
  if (!uri || !isLiveKitHost(site, uri.host)) return undefined;
  return {
    called: uri.user,
    caller: from === undefined ? undefined : userPartOf(from),
    hashKey: site.hashKey,
    sources: site.sbcAddresses,
    declaredAuth: undefined,
    strictAddresses: site.strictAddresses,
  };
}
