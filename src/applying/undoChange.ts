import { randomBytes, randomInt } from 'node:crypto';
import type { ApplyOptions, ApplyResult, Consent } from '../cli/applyOptions.ts';
import { isDryRun } from '../cli/applyOptions.ts';
import { NotThere } from '../cli/input.ts';
import type { AppliedChange } from '../core/edits/appliedChange.ts';
import type { ApiObject, Edit } from '../core/edits/edits.ts';
import { differenceLines } from '../core/edits/editText.ts';
import { undoEdits } from '../core/edits/undoEdits.ts';
import { withStore } from '../service/answers/commandAnswers.ts';
import { commandSettings, WrongUse } from '../settings/commandSettings.ts';
import { amend } from './amend.ts';
import { amendedText, fullDifference, movedText, nameOf } from './carryOut.ts';
import { liveKitAccess, NO_ACCESS } from './liveKitAccess.ts';

/** Takes an applied change back: the one with this id, or the latest. */
export async function undoChange(
  id: string | undefined,
  options: ApplyOptions,
  consent: Consent,
): Promise<ApplyResult> {
  const { say } = consent;
  const access = liveKitAccess(commandSettings().livekit);
  if (!access) throw new WrongUse(`the change can’t be taken back: ${NO_ACCESS}`);
  return withStore(async ({ applied }) => {
    const change = await applied.find(id);
    if (!change) throw new NotThere(id === undefined ? NOTHING : `no change ${id} was applied: see sipwhy history`);
    if (change.undone) throw new NotThere(`${change.id} was taken back already, by ${change.undone.by}`);
    const { configuration } = await access.read();
    const undoing = undoEdits(change.edits, configuration);
    const json = { id: change.id, cause: change.cause, subject: change.subject };
    if (!undoing.ok) {
      say(`Nothing was changed, because LiveKit no longer has what this change left:\n${listed(undoing.faults)}`);
      return { isFine: false, json: { ...json, undone: null, refused: undoing.faults } };
    }
    const plan = { basis: configuration, edits: undoing.edits.map(withStandInSecrets), isExact: true };
    say(`${headOf(change)}\n${fullDifference(undoing)}${lossesText(undoing.edits)}`);
    const shown = { ...json, difference: differenceLines(undoing.edits) };
    if (isDryRun(options, consent)) {
      say('\nNothing was changed. Take it back in a terminal, or with --yes.\n');
      return { isFine: true, json: { ...shown, undone: null } };
    }
    if (!(await consent.ask('\nTake this change back?'))) {
      say('Nothing was changed.\n');
      return { isFine: false, json: { ...shown, undone: null } };
    }
    const amended = await amend(access, plan, async () => {});
    if (amended.state === 'moved') {
      say(movedText(amended.moved));
      return { isFine: false, json: { ...shown, undone: null, refused: amended.moved } };
    }
    say(amendedText(amended));
    const isDone = amended.state === 'made';
    if (isDone) await applied.setUndone(change.id, Date.now(), nameOf(options));
    if (isDone) say(newIdsText(amended.made) || 'The configuration is as it was before.\n');
    return { isFine: isDone && amended.odd.length === 0, json: { ...shown, undone: isDone } };
  });
}

const NOTHING = 'there is nothing to take back: no change was applied with this store, or every one was taken back';

function headOf({ id, at, by, why, cause, subject }: AppliedChange): string {
  const of = subject === cause ? '' : ` of ${subject}`;
  const reason = why === undefined ? '' : ` (${why})`;
  return `Taking back ${id}, applied ${new Date(at).toISOString()} by ${by} for ${cause}${of}${reason}.\n`;
}

/** What sipwhy does not store, and what is there in its place until somebody sets it. */
function lossesText(edits: readonly Edit[]): string {
  const lost = edits.flatMap((edit) => (edit.change === 'added' ? (edit.lost ?? []) : []));
  if (lost.length === 0) return '';
  const secrets = lost.filter((field) => field === 'auth_password' || field === 'pin');
  const others = lost.filter((field) => field !== 'auth_password' && field !== 'pin');
  return `${[
    '\nsipwhy does not store these, so set them by hand afterwards:',
    ...secrets.map((field) => `  - ${field}: until then a random one keeps callers out`),
    ...others.map((field) => `  - ${field}`),
  ].join('\n')}\n`;
}

/** Without a password or a pin, everybody would get in. */
function withStandInSecrets(edit: Edit): Edit {
  if (edit.change !== 'added' || !edit.lost) return edit;
  const password = edit.kind === 'trunk' && edit.lost.includes('auth_password');
  const pin = edit.kind === 'rule' && edit.lost.includes('pin');
  const object: ApiObject = {
    ...edit.object,
    ...(password && { auth_password: randomBytes(24).toString('base64url') }),
    ...(pin && { rule: withPin(edit.object.rule) }),
  };
  return { ...edit, object };
}

function withPin(rule: unknown): object {
  const pin = String(randomInt(10 ** 11, 10 ** 12));
  return Object.fromEntries(Object.entries(Object(rule)).map(([kind, body]) => [kind, { ...Object(body), pin }]));
}

function newIdsText(made: readonly Edit[]): string {
  const added = made.filter(({ change }) => change === 'added');
  if (added.length === 0) return '';
  return `${added.map(({ kind, id, name }) => `The ${kind === 'trunk' ? 'trunk' : 'dispatch rule'} "${name}" has a new id: ${id}. Change it where other programs name it.`).join('\n')}\n`;
}

function listed(words: readonly string[]): string {
  return `${words.map((word) => `  - ${word}`).join('\n')}\n`;
}
