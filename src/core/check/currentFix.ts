import { userPartOf } from '../call/sipUri.ts';
import type { Party } from '../diagnose/cause.ts';
import type { CauseId } from '../diagnose/causes.ts';
import { titleOf } from '../explain/explanationText.ts';
import type { IncidentJson } from '../explain/incidentJson.ts';
import type { CallWithEffects } from '../explain/withEffects.ts';
import type { Paste } from '../fixes/fix.ts';
import { preferredFix } from '../fixes/rankFixes.ts';
import { isShownByMatch } from '../incidents/failure.ts';
import type { Checked } from './check.ts';

type Attempt = CallWithEffects['attempts'][number];
type Fix = Attempt['fixes'][number];
type FailedAttempt = Attempt & { readonly cause: CauseId; readonly party: Party };

/** The attempt of a call that failed, of an incident its own: with several, the last one. */
export function failedAttempt(
  { attempts }: CallWithEffects,
  incident: Pick<IncidentJson, 'cause' | 'last_call'> | undefined,
): FailedAttempt | undefined {
  const failed = attempts.filter(isFailed);
  if (!incident) return failed.at(-1);
  const own = failed.filter(({ cause }) => cause === incident.cause);
  return own.find(({ call_sid }) => call_sid === incident.last_call.call_sid) ?? own.at(-1);
}

function isFailed(attempt: Attempt): attempt is FailedAttempt {
  return attempt.cause !== null && attempt.party !== null && attempt.party !== 'nobody';
}

/** A call as the API's check takes it. */
export interface CallQuestion {
  readonly to: string;
  readonly caller?: string;
  readonly auth_username?: string;
}

/** The same call as a question for the check, under the current configuration. `undefined` for a leg without a target. */
export function questionAgain({ from, to, match }: FailedAttempt): CallQuestion | undefined {
  if (to === null || !match) return undefined;
  const sent = match.auth?.sent;
  return {
    to,
    ...(from !== null && { caller: userPartOf(from) }),
    ...(typeof sent === 'string' && { auth_username: sent }),
  };
}

/** The fix of a failed attempt, and how true it is now. Keys are public. */
export type CurrentFix = ReturnType<typeof currentFix>;

/**
 * The fix of an attempt's cause under LiveKit's configuration as it is now. `checked` is the check of the same call;
 * `undefined` if that configuration is not known, or does not decide about the call.
 */
export function currentFix(attempt: FailedAttempt, checked: Checked | undefined) {
  const { call_sid, cause, party, trunk, started_at } = attempt;
  const causesNow = checked && [...checked.blocking, ...checked.latent];
  const isThere = causesNow?.includes(cause);
  const isGone = checked && !isThere && isShownByMatch(cause, attempt.evidence);
  const basis = isThere ? 'now' : isGone ? 'gone' : 'call';
  const fixes = basis !== 'call' && checked ? checked.fixes.map((fix) => asKnown(fix, attempt)) : attempt.fixes;
  const own = basis === 'gone' ? [] : fixes.filter((one) => one.cause === cause);
  const fix = preferredFix(own);
  const blocking = basis === 'call' ? attempt.blocking : (checked?.blocking ?? []);
  return {
    call_sid,
    cause,
    title: titleOf(cause),
    party,
    trunk,
    called_at: started_at,
    /** now: of the current configuration. gone: that no longer has this cause. call: of the time of the call. */
    basis,
    fix: fix ? { ...fix, pastes: pastesOf(fix, fixes) } : null,
    /** Other fixes of the cause, the preferred ones first. */
    alternatives: own.filter((one) => one !== fix),
    /** What else stops the call. */
    others: blocking.filter((id) => id !== cause).map((id) => ({ cause: id, action: actionOf(id, fixes) })),
  };
}

/**
 * The incident's own fix where it adds each of its callers to a trunk: the fix of its last call would leave the others
 * out.
 */
export function forAllCallers(
  current: CurrentFix,
  incident: Pick<IncidentJson, 'callers' | 'fix'> | undefined,
): CurrentFix {
  const all = incident?.fix;
  if (!current.fix || !all || incident.callers === 1 || !addsCallers(current.fix)) return current;
  const { change: _, effects: __, ...fix } = current.fix;
  return { ...current, fix: { ...fix, action: all.action, pastes: all.pastes } };
}

/** Whether a fix adds callers to a trunk. */
function addsCallers({ change }: Fix): boolean {
  return change?.kind === 'trunk' && change.field === 'allowed_numbers' && change.add !== undefined;
}

/** A fix of the check, with what is known of the same fix from the call: its side effects, and how Jambonz dialled. */
function asKnown(fix: Checked['fixes'][number], { fixes }: FailedAttempt): Fix {
  const key = JSON.stringify(fix.change);
  const known = fix.change && fixes.find(({ change }) => JSON.stringify(change) === key);
  if (!known) return fix;
  return {
    ...fix,
    ...(fix.change?.kind === 'dial' && { pastes: known.pastes }),
    ...(known.effects && { effects: known.effects }),
  };
}

/** The first fix that changes the dial has a verb with the changes of all of them. */
function pastesOf({ pastes, change }: Fix, fixes: readonly Fix[]): readonly Paste[] {
  if (pastes.length > 0 || change?.kind !== 'dial') return pastes;
  return fixes.find((fix) => fix.change?.kind === 'dial' && fix.pastes.length > 0)?.pastes ?? [];
}

function actionOf(cause: CauseId, fixes: readonly Fix[]): string | null {
  return preferredFix(fixes.filter((fix) => fix.cause === cause))?.action ?? null;
}
