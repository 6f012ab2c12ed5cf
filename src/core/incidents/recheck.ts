import { userPartOf } from '../call/sipUri.ts';
import type { CauseId } from '../diagnose/causes.ts';
import type { Site } from '../diagnose/facts/site.ts';
import { weighQuestion } from '../diagnose/question.ts';
import type { ConfigurationChange } from '../trunks/difference.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import type { SettledCall } from './failure.ts';
import { type AfterFix, close, type FailedQuestion, type Folded, type Incident, isOpen } from './incident.ts';

/** How many of an incident's latest questions are checked again after a change. */
const QUESTIONS_ASKED = 50;

/** The configuration as it is now: when, in epoch milliseconds, it was first read, and what changed in it then. */
export interface NewConfiguration {
  readonly snapshot: Snapshot;
  readonly firstSeenAt: number;
  readonly changes: readonly ConfigurationChange[];
}

/**
 * Checks an incident's failed calls again under a configuration that was read after them, and closes it if none of
 * them has its cause any more. `undefined` if nothing changed.
 */
export function recheck(
  incident: Incident,
  site: Site,
  configuration: NewConfiguration,
  now: number,
): Folded | undefined {
  const { snapshot, firstSeenAt } = configuration;
  // The change that caused the failures is no fix.
  const causedFailures = incident.change !== undefined && incident.change.at >= firstSeenAt;
  if (!isOpen(incident) || firstSeenAt <= incident.last.at || causedFailures) return undefined;
  const answers = incident.questions
    .filter(({ isShown }) => isShown)
    .slice(-QUESTIONS_ASKED)
    .map((question) => causesNow(site, snapshot, question));
  const failing = answers.filter(({ known }) => known.includes(incident.cause)).length;
  const isGone = answers.every(({ known, possible }) => ![...known, ...possible].includes(incident.cause));
  if (isGone && answers.length > 0) {
    const next = [...new Set(answers.flatMap(({ known }) => known))];
    return close(incident, 'recheck_passes', now, { state: 'recheck_passes', at: now, asked: answers.length, next });
  }
  const afterFix: AfterFix =
    failing === 0
      ? { state: 'configuration_changed', at: firstSeenAt }
      : { state: 'recheck_fails', at: firstSeenAt, asked: answers.length, failing };
  // A configuration that changed elsewhere was no attempt at a fix, and no result is reported twice.
  const isAlreadyReported = incident.afterFix !== undefined && incident.afterFix.at >= firstSeenAt;
  return isAlreadyReported || !concerns(configuration, incident.trunk)
    ? undefined
    : { incident: { ...incident, afterFix } };
}

/** Whether a configuration shows an incident's cause for a call, so that the call would have failed like the others. */
export function wouldHaveFailed(incident: Incident, site: Site, snapshot: Snapshot, { record }: SettledCall) {
  return causesNow(site, snapshot, record).known.includes(incident.cause);
}

function causesNow(
  site: Site,
  snapshot: Snapshot,
  { from, to }: Pick<FailedQuestion, 'from' | 'to'>,
): { readonly known: readonly CauseId[]; readonly possible: readonly CauseId[] } {
  if (to === undefined) return { known: [], possible: [] };
  const caller = from === undefined ? undefined : userPartOf(from);
  const { blocking, latent } = weighQuestion(site, snapshot, { to, caller, source: undefined, auth: undefined });
  return { known: blocking.map(({ cause }) => cause.id), possible: latent.map(({ cause }) => cause.id) };
}

/** Whether what changed is the trunk itself, or a rule that it uses. */
function concerns({ snapshot, changes }: NewConfiguration, trunk: string): boolean {
  return changes.some(({ kind, id, change }) =>
    kind === 'trunk' ? id === trunk || change === 'added' : snapshot.isInReach(id, trunk) || change === 'removed',
  );
}
