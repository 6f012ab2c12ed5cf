import { PARTY_WORDS } from '../diagnose/diagnosis.ts';
import { effectsLine, oneLine, PROOFS, PROVEN } from '../explain/explanationText.ts';
import type { IncidentJson } from '../explain/incidentJson.ts';
import { apiCallsPaste, type TerraformPaste, terraformPaste } from '../fixes/apiCalls.ts';
import { isComplete, type Paste } from '../fixes/fix.ts';
import type { CurrentFix } from './currentFix.ts';

/** What of a fix is printed: a command of lk or of curl, JSON, or Terraform. */
export const FIX_FORMATS = ['lk', 'curl', 'json', 'terraform'] as const;
export type FixFormat = (typeof FIX_FORMATS)[number];

type Fix = NonNullable<CurrentFix['fix']>;
type AnyPaste = Paste | TerraformPaste;

/** The first thing to paste of a fix, or the one in this format; `undefined` if there is none. */
export function pasteIn({ pastes }: Pick<Fix, 'pastes'>, format: FixFormat | undefined): AnyPaste | undefined {
  if (format === undefined) return pastes[0];
  if (format === 'terraform') return terraformPaste(pastes);
  if (format !== 'json') return pastes.find(({ tool }) => tool === format);
  return pastes.find((paste) => paste.format === 'json') ?? apiCallsPaste(pastes);
}

/** A fix for a person: whether it is still needed, whose it is, what it does to others, and last what to paste. */
export function fixToText(
  current: CurrentFix,
  incident: IncidentJson | undefined,
  format: FixFormat | undefined,
): string {
  const { fix, alternatives } = current;
  const lines = headOf(current, incident);
  if (!fix) return textOf([...lines, ...othersOf(current)]);
  const paste = pasteIn(fix, format);
  const isReady = paste !== undefined && isComplete(paste.text);
  // What "proven" means is said once, below the first fix that is.
  const firstProven = [fix, ...alternatives].find(({ proof }) => proof);
  const sentences = (word: string, one: Fix) => [...sentencesOf(word, one), ...(one === firstProven ? [PROVEN] : [])];
  const ways = alternatives.flatMap((other) => {
    // What is to be pasted stays last. That of another fix is shown if this one has nothing that runs as it is.
    const its = isReady ? undefined : pasteIn(other, format);
    return [...(isReady ? [] : ['']), ...sentences('Another fix', other), ...(its ? blockOf(its) : [])];
  });
  return textOf([
    ...lines,
    ...sentences('Fix', fix),
    ...(isReady ? ways : []),
    ...timeOf(current),
    ...othersOf(current),
    ...(paste ? blockOf(paste) : ['', `There is nothing to paste for this fix${format ? ` as ${format}` : ''}.`]),
    ...(isReady ? [] : ways),
  ]);
}

/** What is to be fixed and one of its fixes, without anything to paste. */
export function fixHead(current: CurrentFix, incident: IncidentJson | undefined, chosen: Fix): string {
  const proven = chosen.proof ? [PROVEN] : [];
  return textOf([...headOf(current, incident), ...sentencesOf('Fix', chosen), ...proven, ...othersOf(current)]);
}

function headOf({ cause, title, party, trunk, basis, fix }: CurrentFix, incident: IncidentJson | undefined): string[] {
  const named = incident?.trunk_name ? `${trunk} "${incident.trunk_name}"` : trunk;
  const where = trunk === 'none' || trunk === 'unknown' ? '' : ` on trunk ${named}`;
  return [
    ...(incident?.closed_text ? [`${incident.closed_at}: ${incident.closed_text}`, ''] : []),
    `${cause}${where}: ${title}.`,
    `Owner: ${PARTY_WORDS[party]}.`,
    ...(basis === 'gone' ? [GONE] : fix ? [] : ['No fix is known.']),
  ].map(oneLine);
}

const GONE = 'LiveKit’s current configuration no longer has this cause: there is nothing to change.';

/** A command for LiveKit's configuration is right only for the configuration that it was made for. */
function timeOf({ basis, fix, alternatives, called_at }: CurrentFix): string[] {
  const isCommand = [...(fix ? [fix] : []), ...alternatives].some(({ pastes }) => pastes.some(({ tool }) => tool));
  if (!isCommand) return [];
  if (basis === 'now') return ['For LiveKit’s configuration as it is now.'];
  return [`For LiveKit’s configuration at the time of the call, ${called_at}. It may have changed since.`];
}

function othersOf({ basis, others }: CurrentFix): string[] {
  const what =
    basis === 'gone' ? 'Another cause would stop the call' : 'Not enough alone: another cause stops the call';
  return others.map(({ cause, action }) => oneLine(`${what}, ${cause}.${action === null ? '' : ` ${action}`}`));
}

function sentencesOf(word: string, { action, proof, effects }: Fix): string[] {
  const sentence = `${word}${proof ? ` (${PROOFS[proof]})` : ''}: ${action}`;
  return [sentence, ...(effects ? [`${effectsLine(effects)}.`] : [])].map(oneLine);
}

/** Flush left, so that what is copied from a terminal works as it is. */
function blockOf({ label, text }: Pick<Paste, 'label' | 'text'>): string[] {
  return ['', `${label}:`, '', text];
}

function textOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
