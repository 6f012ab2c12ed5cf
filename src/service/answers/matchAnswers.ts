import { setImmediate } from 'node:timers/promises';
import { type Checked, check } from '../../core/check/check.ts';
import type { KnownConfiguration } from '../../core/diagnose/facts/facts.ts';
import type { Site } from '../../core/diagnose/facts/site.ts';
import type { Question } from '../../core/diagnose/question.ts';
import type { LinkTargets } from '../../core/explain/links.ts';
import { whatIfJson } from '../../core/explain/whatIfJson.ts';
import { readChange } from '../../core/predict/readChange.ts';
import { whatIfInSteps } from '../../core/predict/whatIf.ts';
import type { Snapshot } from '../../core/trunks/snapshot.ts';
import { inSlices } from '../../loop/slices.ts';
import type { CallRecord, Store } from '../../store/store.ts';
import type { Audited } from '../auditing.ts';
import { type ExpectedCalls, noExpectedCalls } from '../expectedCalls.ts';
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
  /** Epoch milliseconds. */
  now(): number;
  /** Absent if EXPECTED_CALLS_FILE is not set. */
  readonly expected?: Pick<ExpectedCalls, 'json'> | undefined;
}

/** How many of the latest failed calls are matched against a changed configuration. */
const FAILURES_ASKED = 200;

export type MatchAnswers = ReturnType<typeof matchAnswers>;

/** Answers the API's queries that need LiveKit's configuration. The engine runs them, because many trunks take time. */
export function matchAnswers(sources: MatchSources) {
  const { store, site, snapshotNow, auditOf, expected, now } = sources;
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

    /** What a changed configuration would do to recent calls; `undefined` while LiveKit's configuration is not known. */
    async whatIf(changed: unknown) {
      const snapshot = snapshotNow();
      if (!snapshot) return undefined;
      const reading = readChange(changed, snapshot);
      if (!reading.ok) return reading;
      await inSlices(reading.snapshot.prepare(site.strictAddresses));
      const kinds = await store.callKinds.latest(now());
      const { found } = await store.search.find({ outcome: ['failed'] }, FAILURES_ASKED);
      const failed = distinct(found.map(({ record: { to, from } }) => ({ to, from })));
      const answer = await inSlices(whatIfInSteps(site, snapshot, reading.snapshot, { kinds, failed }));
      return { ok: true as const, answer: whatIfJson(answer) };
    },

    /**
     * LiveKit's trunks and rules with their audit, as JSON text: the door only passes on what may be megabytes.
     * `undefined` while they are not known.
     */
    async audit(): Promise<Uint8Array | undefined> {
      const snapshot = snapshotNow();
      return snapshot && (await auditOf(snapshot)).json();
    },

    /** The calls of EXPECTED_CALLS_FILE as last judged, as JSON text. */
    expectedCalls: async (): Promise<Uint8Array> => expected?.json() ?? noExpectedCalls(),

    /** The changes between two versions; `undefined` if one of them is not stored. */
    difference: (from: number, to: number) => differenceIn(store.configurations, from, to),
  };
}

/** Each pair of caller and called number once. */
function distinct<Call extends { readonly to: string | undefined; readonly from: string | undefined }>(
  calls: readonly Call[],
): Call[] {
  return [...new Map(calls.map((call) => [JSON.stringify([call.to, call.from]), call])).values()];
}
