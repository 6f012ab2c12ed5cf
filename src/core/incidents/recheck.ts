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

interface Causes {
  readonly known: readonly CauseId[];
  readonly possible: readonly CauseId[];
}

/** The causes of a call under a configuration. */
type CausesOf = (question: Pick<FailedQuestion, 'from' | 'to'>) => Causes;

/** Weighs each call once, because an incident is checked again when it is written. */
export function causesUnder(site: Site, snapshot: Snapshot): CausesOf {
  const known = new Map<string, Causes>();
  return (question) => {
    const key = JSON.stringify([question.from, question.to]);
    const causes = known.get(key) ?? causesNow(site, snapshot, question);
    known.set(key, causes);
    return causes;
  };
}

/** Weighs the calls that `recheck` will ask for, in short steps. */
export function* weighAgain(incident: Incident, configuration: NewConfiguration, causesOf: CausesOf): Generator<void> {
  if (!mayHaveMended(incident, configuration)) return;
  for (const question of askedAgain(incident)) {
    causesOf(question);
    yield;
  }
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
  causesOf = causesUnder(site, configuration.snapshot),
): Folded | undefined {
  if (!mayHaveMended(incident, configuration)) return undefined;
  const { firstSeenAt } = configuration;
  const answers = askedAgain(incident).map(causesOf);
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

/** Whether a configuration came after the failures. */
function mayHaveMended(incident: Incident, { firstSeenAt }: NewConfiguration): boolean {
  // The change that caused the failures is no fix.
  const causedFailures = incident.change !== undefined && incident.change.at >= firstSeenAt;
  return isOpen(incident) && firstSeenAt > incident.last.at && !causedFailures;
}

function askedAgain({ questions }: Incident): readonly FailedQuestion[] {
  return questions.filter(({ isShown }) => isShown).slice(-QUESTIONS_ASKED);
}

/** Whether a configuration shows an incident's cause for a call, so that the call would have failed like the others. */
export function wouldHaveFailed(incident: Incident, site: Site, snapshot: Snapshot, { record }: SettledCall) {
  return causesNow(site, snapshot, record).known.includes(incident.cause);
}

function causesNow(site: Site, snapshot: Snapshot, { from, to }: Pick<FailedQuestion, 'from' | 'to'>): Causes {
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
