import { audit } from './audit/audit.ts';
import { toJson as auditJson } from './audit/json.ts';
import { check } from './check/check.ts';
import type { Question } from './check/question.ts';
import { configurationThen } from './configurationThen.ts';
import type { KnownConfiguration } from './diagnose/facts.ts';
import { CAUSES } from './diagnose/registry.ts';
import type { Site } from './diagnose/site.ts';
import { describeCall, startsOf } from './explain/call.ts';
import { withEffects } from './explain/withEffects.ts';
import { differenceIn, versionsIn } from './history.ts';
import type { Store } from './journal/store.ts';
import type { Snapshot } from './trunks/snapshot.ts';

export type Answers = ReturnType<typeof answersFrom>;

/** How many of the latest attempts a fix is tried on. */
const RECENT = 200;

/** What the API and the page are asked, answered from the store and from LiveKit's configuration as it is now. */
export function answersFrom(
  store: Store,
  site: Site,
  snapshotNow: () => Snapshot | undefined,
  /** What is at hand of the configuration at a time in epoch milliseconds; the store is asked for the rest. */
  configurationAt: (time: number) => KnownConfiguration | undefined = () => undefined,
) {
  return {
    /** One call with its timeline and explanations; `undefined` for an unknown call_sid. */
    async describeCall(callSid: string) {
      const record = await store.findCall(callSid);
      if (!record) return undefined;
      const configurations = new Map<number, KnownConfiguration | undefined>();
      for (const time of startsOf(record)) {
        configurations.set(time, configurationAt(time) ?? (await configurationThen(store.configurations, time)));
      }
      const call = describeCall(site, record, (time) => configurations.get(time));
      const snapshot = snapshotNow();
      if (!snapshot) return call;
      const recent = await store.search.find({}, RECENT);
      return withEffects(
        call,
        site,
        snapshot,
        recent.map(({ explanation }) => explanation),
      );
    },

    /** The latest explanations, newest first. */
    async latest(limit: number) {
      return (await store.search.find({}, limit)).map(({ explanation, startedAt, settledAt }) => ({
        ...explanation,
        started_at: new Date(startedAt).toISOString(),
        settled_at: new Date(settledAt).toISOString(),
      }));
    },

    /** Whether calls would connect; `undefined` while LiveKit's configuration is not known. */
    check(questions: readonly Question[]) {
      const snapshot = snapshotNow();
      return snapshot && questions.map((question) => check(site, snapshot, question));
    },

    /** LiveKit's trunks and rules with their audit; `undefined` while they are not known. */
    audit() {
      const snapshot = snapshotNow();
      return snapshot && auditJson(snapshot, audit(snapshot, site));
    },

    /** The latest versions of LiveKit's configuration, newest first. */
    history: (limit: number) => versionsIn(store.configurations, limit),

    /** What changed between two versions; `undefined` where one of them is not kept. */
    difference: (from: number, to: number) => differenceIn(store.configurations, from, to),

    causes: () =>
      CAUSES.map(({ id, title, party, meaning, fix, confidence }) => ({ id, title, party, meaning, fix, confidence })),
  };
}
