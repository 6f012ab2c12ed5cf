import { parseSipUri, userPartOf } from '../call/sipUri.ts';
import { type Effects, effectsOf } from '../diagnose/effects.ts';
import { isLiveKitHost, type Site } from '../diagnose/site.ts';
import type { CallToJudge } from '../trunks/judge.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import type { describeCall } from './call.ts';
import type { Explanation } from './json.ts';

type Described = ReturnType<typeof describeCall>;
type Attempt = Described['attempts'][number];

/** A call with, for each fix that changes LiveKit's configuration, what else it would change. */
export type CallWithEffects = Omit<Described, 'attempts'> & {
  readonly attempts: readonly (Omit<Attempt, 'fixes'> & {
    readonly fixes: readonly (Attempt['fixes'][number] & { readonly effects?: Effects })[];
  })[];
};

/** Adds to each fix what else it would change over recent calls, by the configuration as it is now. */
export function withEffects(
  call: Described,
  site: Site,
  snapshot: Snapshot,
  recent: readonly Explanation[],
): CallWithEffects {
  const calls = recent.flatMap((explanation) => callOf(site, explanation) ?? []);
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
function callOf(site: Site, { from, to }: Explanation): CallToJudge | undefined {
  const uri = to === null ? undefined : parseSipUri(to);
  if (!uri || !isLiveKitHost(site, uri.host)) return undefined;
  return {
    called: uri.user,
    caller: from === null ? undefined : userPartOf(from),
    sources: site.sbcAddresses,
    declaredAuth: undefined,
    strictAddresses: site.strictAddresses,
  };
}
