import type { AuditReport } from '../../core/audit/audit.ts';
import { toJson as auditJson } from '../../core/audit/auditReport.ts';
import { check } from '../../core/check/check.ts';
import type { KnownConfiguration } from '../../core/diagnose/facts/facts.ts';
import type { Site } from '../../core/diagnose/facts/site.ts';
import type { Question } from '../../core/diagnose/question.ts';
import type { Snapshot } from '../../core/trunks/snapshot.ts';
import type { CallRecord, Store } from '../../store/store.ts';
import { describeCallIn } from './callAnswers.ts';
import { differenceIn } from './historyAnswers.ts';

/** Where the answers come from. Times in epoch milliseconds. */
interface MatchSources {
  readonly store: Store;
  readonly site: Site;
  /** A call of which not all, or nothing, is in the store yet. */
  callInJournal(callSid: string): Promise<CallRecord | undefined>;
  /** LiveKit's configuration as it is now. */
  snapshotNow(): Snapshot | undefined;
  /** What is in memory of the configuration at a time; the store is asked for the rest. */
  configurationAt(time: number): KnownConfiguration | undefined;
  /** What is wrong with a version of LiveKit's configuration. */
  auditOf(snapshot: Snapshot): AuditReport;
}

export type MatchAnswers = ReturnType<typeof matchAnswers>;

/** What the API is asked that takes LiveKit's configuration: the engine answers, since ten thousand trunks take time. */
export function matchAnswers({ store, site, callInJournal, snapshotNow, configurationAt, auditOf }: MatchSources) {
  return {
    /** One call with its timeline and explanations; `undefined` for an unknown call_sid. */
    describeCall: (callSid: string) =>
      describeCallIn(store, site, callSid, { callInJournal, snapshotNow, configurationAt }),

    /** Whether calls would connect; `undefined` while LiveKit's configuration is not known. */
    async check(questions: readonly Question[]) {
      const snapshot = snapshotNow();
      return snapshot && questions.map((question) => check(site, snapshot, question));
    },

    /** LiveKit's trunks and rules with their audit; `undefined` while they are not known. */
    async audit() {
      const snapshot = snapshotNow();
      return snapshot && auditJson(snapshot, auditOf(snapshot));
    },

    /** What changed between two versions; `undefined` where one of them is not kept. */
    difference: (from: number, to: number) => differenceIn(store.configurations, from, to),
  };
}
