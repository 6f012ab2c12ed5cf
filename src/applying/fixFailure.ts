import type { ApplyResult, Consent } from '../cli/applyOptions.ts';
import { isDryRun } from '../cli/applyOptions.ts';
import type { ApplyFix, FixOptions, FoundFix } from '../cli/calls/fixCommand.ts';
import { type Checked, check } from '../core/check/check.ts';
import { fixHead, fixToText } from '../core/check/fixText.ts';
import type { CauseId } from '../core/diagnose/causes.ts';
import type { Question } from '../core/diagnose/question.ts';
import { applicableChange, isAppliedUnasked } from '../core/edits/applicable.ts';
import { snapshotOf, withEdits } from '../core/edits/edits.ts';
import { differenceLines } from '../core/edits/editText.ts';
import { exposures } from '../core/fixes/exposures.ts';
import type { Change } from '../core/fixes/fix.ts';
import { commandSettings, WrongUse } from '../settings/commandSettings.ts';
import type { Settings } from '../settings/settings.ts';
import { type Carried, carryOut, fullDifference, movedText } from './carryOut.ts';
import { type CheckIn, planOf, staleSince } from './fixPlan.ts';
import { type LiveKitAccess, liveKitAccess, NO_ACCESS } from './liveKitAccess.ts';
import { waitForNextCall } from './nextCall.ts';

/** Shows the fix of a call or an incident, and applies it if somebody wants it. */
export const applyFix: ApplyFix = async (found, options, consent) => {
  const { current, incident } = found;
  const settings = commandSettings();
  const access = liveKitAccess(settings.livekit);
  const candidates = [...(current.fix ? [current.fix] : []), ...current.alternatives].filter(applicableChange);
  const chosen = choose(found, candidates, options);
  const change = chosen && applicableChange(chosen);
  if (!access || !chosen || !change) {
    if (options.yes && !access && change) throw new WrongUse(`the fix can’t be applied: ${NO_ACCESS}`);
    consent.say(fixToText(current, incident, undefined));
    const mayApply = access !== undefined && !isDryRun(options, consent);
    if (access) consent.say(choicesText(candidates, chosen !== undefined));
    else if (consent.isTerminal && change) consent.say(`\nTo apply it from here, ${NO_ACCESS}.\n`);
    return { isFine: current.fix !== null && !mayApply, json: { applied: null } };
  }
  consent.say(fixHead(current, incident, chosen));
  consent.say(othersText(candidates, chosen));
  return applyChange({ found, access, settings, change, cause: current.cause }, options, consent);
};

function choose({ current }: FoundFix, candidates: readonly Fix[], { choose: number }: FixOptions): Fix | undefined {
  if (number === undefined) return current.fix && isAppliedUnasked(current.fix) ? current.fix : undefined;
  const chosen = candidates[number - 1];
  if (chosen) return chosen;
  const there = candidates.length === 0 ? 'no fix can be applied from here' : `there are ${candidates.length}`;
  throw new WrongUse(`--choose ${number} is not the number of a fix that can be applied: ${there}`);
}

type Fix = FoundFix['current']['alternatives'][number];

/** The other fixes that can be applied, by their numbers. */
function othersText(candidates: readonly Fix[], chosen: Fix): string {
  const lines = candidates.flatMap((one, i) => (one === chosen ? [] : [`  --choose ${i + 1}: ${one.action}`]));
  return lines.length === 0 ? '' : `\nInstead of it, these can be applied:\n${lines.join('\n')}\n`;
}

/** What can be applied besides the preferred fix. */
function choicesText(candidates: readonly Fix[], isChosen: boolean): string {
  const lines = candidates.map(({ action }, i) => `  --choose ${i + 1}: ${action}`);
  if (lines.length === 0)
    return '\nThis fix can’t be applied from here: it isn’t a change of LiveKit’s trunks or rules that is complete.\n';
  return `\n${isChosen ? '' : 'The preferred fix can’t be applied from here. '}These can:\n${lines.join('\n')}\n`;
}

export interface Applying {
  readonly found: FoundFix;
  readonly access: LiveKitAccess;
  readonly settings: Settings;
  readonly change: Change;
  readonly cause: CauseId;
}

async function applyChange(applying: Applying, options: FixOptions, consent: Consent): Promise<ApplyResult> {
  const { found, access, settings, change, cause } = applying;
  const { configuration } = await access.read();
  const question = found.question && questionFrom(found.question);
  const checkIn: CheckIn = (one) => question && check(settings.site, snapshotOf(one), question);
  const planned = planOf(applying, configuration, checkIn);
  const stale = planned.ok ? await staleSince(found, configuration, planned.edits) : [];
  if (!planned.ok || stale.length > 0) {
    const refused = planned.ok ? movedText(stale) : `${planned.reason}\n`;
    consent.say(`\n${refused}`);
    return { isFine: false, json: { applied: null, refused: refused.trim() } };
  }
  const { edits, intended, also } = planned;
  consent.say(also.map((one) => `\nThe call needs this as well: ${one.action} (${one.cause})\n`).join(''));
  consent.say(`\n${fullDifference({ edits })}`);
  const opens = exposures(snapshotOf(configuration), snapshotOf(withEdits(configuration, edits)));
  consent.say([...opens.map((words) => `It opens access: ${words}.\n`), stillBlocking(intended, 'With it')].join(''));
  const began = Date.now();
  const reason = { subject: found.id, cause, changes: [change, ...also.map((one) => one.change)] };
  const plan = { basis: configuration, edits, isExact: false };
  const carried = await carryOut(access, plan, reason, { options, consent });
  const json = { difference: differenceLines(edits), applied: appliedJson(carried) };
  if (carried.state === 'dry_run') return { isFine: true, json };
  if (!carried.amended) return { isFine: false, json };
  const result = checkIn(carried.amended.after);
  consent.say(verdictText(result));
  const isFine = carried.state === 'applied' && carried.amended.odd.length === 0 && result?.would_connect !== false;
  const wait = { since: began, seconds: options.wait ?? (consent.isTerminal ? WAIT_SECONDS : 0) };
  const next = isFine ? await waitForNextCall(found, wait, consent) : undefined;
  const verdict = { would_connect: result?.would_connect ?? null, blocking: result?.blocking ?? [] };
  return { isFine: isFine && next?.outcome !== 'failed', json: { ...json, ...verdict, next_call: next ?? null } };
}

/** How long to wait for the next call in a terminal. */
const WAIT_SECONDS = 120;

/** For JSON: what was done. */
export function appliedJson({ state, id, amended }: Carried): object {
  return {
    state,
    id,
    ...(amended && { fault: amended.fault ?? null, odd: amended.odd, meanwhile: amended.meanwhile }),
  };
}

function questionFrom(question: NonNullable<FoundFix['question']>): Question {
  const { to, caller, auth_username: username } = question;
  return { to, caller, source: undefined, auth: username === undefined ? undefined : { sent: true, username } };
}

function stillBlocking(checked: Checked | undefined, when: string): string {
  if (!checked || checked.blocking.length === 0) return '';
  return `${when}, something else still stops the call: ${checked.blocking.join(', ')}.\n`;
}

function verdictText(checked: Checked | undefined): string {
  if (!checked) return 'What the call was dialled to isn’t known, so it can’t be matched again.\n';
  if (checked.would_connect === true) return 'The call would connect now.\n';
  if (checked.would_connect === false) return stillBlocking(checked, 'Now');
  return `Nothing that is known stops the call now. Unknown: ${checked.latent.join(', ') || 'some fields'}.\n`;
}
