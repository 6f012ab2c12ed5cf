import type { ApplyOptions, ApplyResult, Consent } from '../cli/applyOptions.ts';
import { type AuditFinding, audit } from '../core/audit/audit.ts';
import { applicableChange } from '../core/edits/applicable.ts';
import { type ApiConfiguration, editsOf, snapshotOf } from '../core/edits/edits.ts';
import { differenceLines } from '../core/edits/editText.ts';
import type { Change, Fix } from '../core/fixes/fix.ts';
import { isDeletion } from '../core/fixes/rankFixes.ts';
import { commandSettings, WrongUse } from '../settings/commandSettings.ts';
import type { Settings } from '../settings/settings.ts';
import { carryOut, fullDifference } from './carryOut.ts';
import { appliedJson } from './fixFailure.ts';
import { type LiveKitAccess, liveKitAccess, NO_ACCESS } from './liveKitAccess.ts';

/** A fix of a finding that can be applied. */
interface Offer {
  readonly finding: AuditFinding;
  readonly fix: Fix;
  readonly change: Change;
  /** Whether it is applied only if it is chosen: a deletion, or another fix of a finding that has one. */
  readonly isOnlyChosen: boolean;
}

/** Shows the findings of the audit that have a fix which can be applied, and applies those that somebody wants. */
export async function fixFindings(options: ApplyOptions, consent: Consent): Promise<ApplyResult> {
  const { livekit, site } = commandSettings();
  const access = liveKitAccess(livekit);
  if (!access) throw new WrongUse(`findings can’t be fixed: ${NO_ACCESS}`);
  const { configuration } = await access.read();
  const offers = offersIn(configuration, site);
  const { choose } = options;
  if (offers.length === 0) {
    consent.say('No finding has a fix that can be applied from here. See sipwhy audit.\n');
    return { isFine: false, json: { fixes: [], applied: [] } };
  }
  consent.say(listText(offers));
  const wanted =
    choose === undefined ? offers.filter(({ isOnlyChosen }) => !isOnlyChosen) : offers.slice(choose - 1, choose);
  if (choose !== undefined && wanted.length === 0)
    throw new WrongUse(`--choose must be 1 to ${offers.length}, got ${choose}`);
  if (wanted.length === 0) consent.say('\nNone of these is applied unless it is chosen with --choose.\n');
  const applied: object[] = [];
  let isFine = wanted.length > 0;
  for (const offer of wanted) {
    const result = await applyOffer(access, offer, { site, options, consent });
    isFine &&= result.isFine;
    applied.push({ finding: offer.finding.finding, action: offer.fix.action, ...result.json });
  }
  const fixes = offers.map(({ finding, fix, change }, i) => ({
    number: i + 1,
    finding: finding.finding,
    action: fix.action,
    change,
  }));
  return { isFine, json: { fixes, applied } };
}

function offersIn(configuration: ApiConfiguration, site: Settings['site']): Offer[] {
  const offers = audit(snapshotOf(configuration), site).findings.flatMap((finding) => {
    const own = finding.fixes.flatMap((fix) => {
      const change = applicableChange(fix);
      return change ? [{ finding, fix, change }] : [];
    });
    return own.map((one, i): Offer => ({ ...one, isOnlyChosen: i > 0 || isDeletion(one.change) }));
  });
  // One change may mend several findings.
  return [...new Map(offers.toReversed().map((offer) => [JSON.stringify(offer.change), offer])).values()].toReversed();
}

function listText(offers: readonly Offer[]): string {
  const lines = offers.map(({ finding, fix, isOnlyChosen }, i) => {
    const note = isOnlyChosen ? ' (only with --choose)' : '';
    return `${String(i + 1).padStart(3)}. [${finding.severity}] ${finding.finding}: ${fix.action}${note}`;
  });
  return `Findings with a fix that can be applied:\n${lines.join('\n')}\n`;
}

interface Circumstances {
  readonly site: Settings['site'];
  readonly options: ApplyOptions;
  readonly consent: Consent;
}

/** Applies one fix, if the configuration still has its finding: the fix before may have mended it. */
async function applyOffer(
  access: LiveKitAccess,
  offer: Offer,
  { site, options, consent }: Circumstances,
): Promise<ApplyResult> {
  const { change, finding, fix } = offer;
  const { configuration } = await access.read();
  const isThere = offersIn(configuration, site).some((one) => isSame(one, offer));
  const edits = isThere ? editsOf(change, configuration) : undefined;
  consent.say(`\n${finding.finding}: ${finding.what}\nFix: ${fix.action}\n`);
  if (!edits) {
    consent.say('LiveKit’s configuration no longer has this finding: nothing to change.\n');
    return { isFine: true, json: { state: 'gone' } };
  }
  consent.say(fullDifference({ edits }));
  const plan = { basis: configuration, edits, isExact: false };
  const reason = { subject: finding.finding, cause: finding.finding, changes: [change] };
  const carried = await carryOut(access, plan, reason, { options, consent });
  const json = { difference: differenceLines(edits), ...appliedJson(carried) };
  if (carried.state === 'dry_run') return { isFine: true, json };
  if (!carried.amended) return { isFine: false, json };
  const isLeft = offersIn(carried.amended.after, site).some((one) => isSame(one, offer));
  consent.say(isLeft ? 'The audit still has this finding.\n' : 'The audit no longer has this finding.\n');
  return { isFine: carried.state === 'applied' && carried.amended.odd.length === 0 && !isLeft, json };
}

function isSame(one: Offer, other: Offer): boolean {
  return one.finding.finding === other.finding.finding && JSON.stringify(one.change) === JSON.stringify(other.change);
}
