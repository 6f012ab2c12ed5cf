import type { AuditReport } from '../audit/audit.ts';
import { toJson as auditJson } from '../audit/json.ts';
import { check } from '../check/check.ts';
import type { Condition } from '../condition.ts';
import type { KnownConfiguration } from '../diagnose/facts.ts';
import type { Question } from '../diagnose/question.ts';
import type { Site } from '../diagnose/site.ts';
import type { Incident } from '../incidents/incident.ts';
import type { Store } from '../journal/store.ts';
import type { Setup } from '../service/setup.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { callAnswers } from './callAnswers.ts';
import { Feed } from './feed.ts';
import { differenceIn, versionsIn } from './history.ts';

/** Where the answers come from. Times in epoch milliseconds. */
export interface Sources {
  readonly store: Store;
  readonly site: Site;
  readonly setup: Setup;
  now(): number;
  /** LiveKit's configuration as it is now. */
  snapshotNow(): Snapshot | undefined;
  /** What is at hand of the configuration at a time; the store is asked for the rest. */
  configurationAt(time: number): KnownConfiguration | undefined;
  describeIncident(incident: Incident): object;
  /** Told whether the feed of events can read the store. */
  readonly feedCondition: Pick<Condition, 'met' | 'over'>;
  /** What is wrong with a version of LiveKit's configuration. */
  auditOf(snapshot: Snapshot): AuditReport;
}

/** What the API is asked, answered from the store and from LiveKit's configuration. */
export function answersFrom({
  store,
  site,
  setup,
  now,
  snapshotNow,
  configurationAt,
  describeIncident,
  feedCondition,
  auditOf,
}: Sources) {
  const feed = new Feed(store, describeIncident, now, feedCondition);
  return {
    ...callAnswers(store, site, snapshotNow, configurationAt),
    isCursor: (text: string) => feed.isCursor(text),
    eventsAfter: (cursor: string | undefined) => feed.eventsAfter(cursor),
    listen: (listener: Parameters<Feed['listen']>[0]) => feed.listen(listener),

    /** Whether calls would connect; `undefined` while LiveKit's configuration is not known. */
    check(questions: readonly Question[]) {
      const snapshot = snapshotNow();
      return snapshot && questions.map((question) => check(site, snapshot, question));
    },

    /** LiveKit's trunks and rules with their audit; `undefined` while they are not known. */
    audit() {
      const snapshot = snapshotNow();
      return snapshot && auditJson(snapshot, auditOf(snapshot));
    },

    /** The latest versions of LiveKit's configuration, newest first. */
    history: (limit: number) => versionsIn(store.configurations, limit),

    /** What changed between two versions; `undefined` where one of them is not kept. */
    difference: (from: number, to: number) => differenceIn(store.configurations, from, to),

    setup: () => setup.steps(),
  };
}
