import { setImmediate } from 'node:timers/promises';
import { type Checked, check } from '../../core/check/check.ts';
import type { KnownConfiguration } from '../../core/diagnose/facts/facts.ts';
import type { Site } from '../../core/diagnose/facts/site.ts';
import type { Question } from '../../core/diagnose/question.ts';
import type { LinkTargets } from '../../core/explain/links.ts';
import type { Snapshot } from '../../core/trunks/snapshot.ts';
import type { CallRecord, Store } from '../../store/store.ts';
import type { Audited } from '../auditing.ts';
import { describeCallIn } from './callAnswers.ts';
import { differenceIn } from './historyAnswers.ts';

/** The sources of the answers. Times in epoch milliseconds. */
interface MatchSources {
  readonly store: Store;
  readonly site: Site;
  readonly links: LinkTargets;
  /** Reads a call from the part of the journal that is not stored yet; `undefined` if it is not there. */
  callInJournal(callSid: string): Promise<CallRecord | undefined>;
  /** LiveKit's configuration now; `undefined` if it is not known. */
  snapshotNow(): Snapshot | undefined;
  /** The configuration at a time, if it is in memory; the store has older ones. */
  configurationAt(time: number): KnownConfiguration | undefined;
  /** The audit of a version of LiveKit's configuration. */
  auditOf(snapshot: Snapshot): Promise<Audited>;
}

export type MatchAnswers = ReturnType<typeof matchAnswers>;

/** Answers the API's queries that need LiveKit's configuration. The engine runs them, because many trunks take time. */
export function matchAnswers(sources: MatchSources) {
  const { store, site, snapshotNow, auditOf } = sources;
  return {
    /** One call with its timeline and explanations; `undefined` for an unknown call_sid. */
    describeCall: (callSid: string) => describeCallIn(store, site, callSid, sources),

    /** Checks whether calls would connect; `undefined` while LiveKit's configuration is not known. */
    async check(questions: readonly Question[]) {
      const snapshot = snapshotNow();
      if (!snapshot) return undefined;
      const answers: Checked[] = [];
      for (const question of questions) {
        answers.push(check(site, snapshot, question));
        // Other work gets its turn between two answers.
        await setImmediate();
      }
      return answers;
    },

    /**
     * LiveKit's trunks and rules with their audit, as JSON text: the door only passes on what may be megabytes.
     * `undefined` while they are not known.
     */
    async audit(): Promise<Uint8Array | undefined> {
      const snapshot = snapshotNow();
      return snapshot && (await auditOf(snapshot)).json();
    },

    /** The changes between two versions; `undefined` if one of them is not stored. */
    difference: (from: number, to: number) => differenceIn(store.configurations, from, to),
  };
}
