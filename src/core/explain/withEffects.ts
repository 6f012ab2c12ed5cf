import { parseSipUri, userPartOf } from '../call/sipUri.ts';
import { isLiveKitHost, type Site } from '../diagnose/facts/site.ts';
import type { AttemptRecord } from '../diagnose/record.ts';
import { effectsOf } from '../fixes/effects.ts';
import type { CallToJudge } from '../trunks/judge/judge.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import type { describeCall } from './callJson.ts';

/** A call whose fixes may list their side effects. */
export type CallWithEffects = ReturnType<typeof describeCall>;

/** Adds to each fix its side effects on recent calls, under the current configuration. */
export function withEffects(
  call: CallWithEffects,
  site: Site,
  snapshot: Snapshot,
  recent: readonly AttemptRecord[],
): CallWithEffects {
  const calls = recent.flatMap((record) => callOf(site, record) ?? []);
  return {
    ...call,
    attempts: call.attempts.map((attempt) => ({
      ...attempt,
      fixes: attempt.fixes.map((fix) =>
        fix.change === undefined || fix.change.kind === 'dial'
          ? fix
          : { ...fix, effects: effectsOf(fix.change, snapshot, calls) },
      ),
    })),
  };
}

/** A recent attempt as LiveKit would judge it; `undefined` for a leg that is not LiveKit's. */
function callOf(site: Site, { from, to }: AttemptRecord): CallToJudge | undefined {
  const uri = to === undefined ? undefined : parseSipUri(to);
  if (!uri || !isLiveKitHost(site, uri.host)) return undefined;
  return {
    called: uri.user,
    caller: from === undefined ? undefined : userPartOf(from),
    sources: site.sbcAddresses,
    declaredAuth: undefined,
    strictAddresses: site.strictAddresses,
  };
}
