import { waitsOf } from '../call/waits.ts';
import { proveFixes } from '../fixes/prove.ts';
import type { SeenChange } from '../trunks/difference.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { changeBefore, nameChange } from './breakingChange.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnosis } from './diagnosis.ts';
import { AgentCalls, agentCallOf } from './facts/agentCalls.ts';
import { agreeingFacts } from './facts/agreeing.ts';
import type { Facts, KnownConfiguration, SettledAttempt } from './facts/facts.ts';
import { FirstFailures } from './facts/firstFailures.ts';
import { NO_NEIGHBOURS } from './facts/neighbours.ts';
import { type JudgedAttempt, RecentAttempts, type SeenAttempt, seenOf } from './facts/recentAttempts.ts';
import type { Site } from './facts/site.ts';
import { UsualWaits } from './facts/usualWaits.ts';

/** LiveKit's configuration over time, as far as known. Times in epoch milliseconds. */
export interface ConfigurationThroughTime {
  /** The configuration as it was known at a time. */
  at(time: number): KnownConfiguration | undefined;
  /** The changes shortly before a time that led to a version that `at` gave, the latest first. */
  changesUpTo(snapshot: Snapshot, time: number): readonly SeenChange[];
}

export interface Diagnosed {
  readonly diagnosis: Diagnosis;
  /** What the diagnoses of other calls need to know about it; `undefined` for an attempt that isn't to LiveKit. */
  readonly seen: SeenAttempt | undefined;
}

/** Diagnoses attempts, each under the configuration at its own time, and names the change before it. */
export class AttemptDiagnoser {
  readonly #site: Site;
  readonly #configuration: ConfigurationThroughTime;
  readonly #firstFailures = new FirstFailures();
  readonly #recent = new RecentAttempts();
  readonly #usual = new UsualWaits();
  readonly #agentCalls = new AgentCalls();

  constructor(site: Site, configuration: ConfigurationThroughTime) {
    this.#site = site;
    this.#configuration = configuration;
  }

  /** Turns a settled attempt into ranked causes, and tries their fixes on the configuration at the time of the call. */
  diagnose(callId: string, settled: SettledAttempt): Diagnosed {
    const { attempt, settledAt: now } = settled;
    const startedAt = attempt.leg?.first.at ?? attempt.dialResult?.at ?? now;
    const known = this.#configuration.at(startedAt);
    const { facts, configuration, isInferred } = agreeingFacts(this.#site, settled, known);
    const judged = { callId, id: attempt.id, at: startedAt, judgedAt: now };
    const call = agentCallOf(attempt, facts);
    const hangUps = call && this.#agentCalls.note({ ...judged, call });
    const agentCall = call && { ...call, ...(hangUps?.usual && { isUnusual: true as const }) };
    const others = seenOf(facts);
    const seen = others && { ...others, ...(agentCall && { agentCall }) };
    const neighbours = seen ? this.#recent.note({ ...judged, seen }) : NO_NEIGHBOURS;
    let diagnosis = diagnose({ ...facts, neighbours, hangUps });
    if (isInferred && diagnosis.confidence === 'certain') diagnosis = { ...diagnosis, confidence: 'likely' };
    const slow = this.#usual.note(diagnosis.trunk, attempt.id, waitsOf(attempt));
    if (slow) diagnosis = { ...diagnosis, slow };
    if (!configuration || !facts.match) return { diagnosis, seen };
    const fixes = proveFixes(diagnosis.fixes, configuration.snapshot, facts.match.call, diagnosis.latent);
    const proven = { ...diagnosis, fixes };
    return {
      diagnosis: this.#nameChange(proven, facts.match, configuration.snapshot, judged),
      seen,
    };
  }

  /** Takes note of attempts that were judged elsewhere. */
  catchUp(attempts: readonly JudgedAttempt[]): void {
    this.#recent.catchUp(attempts);
    this.#agentCalls.catchUp(
      attempts.flatMap(({ id, judgedAt, seen: { agentCall: call } }) => (call ? [{ id, judgedAt, call }] : [])),
    );
  }

  /** The calls whose diagnosis rests on signs that later calls have changed, since the last call of this method. */
  takeAffected(): Set<string> {
    return this.#recent.takeAffected();
  }

  #nameChange(
    diagnosis: Diagnosis,
    match: NonNullable<Facts['match']>,
    snapshot: Snapshot,
    { id, at }: Pick<JudgedAttempt, 'id' | 'at'>,
  ): Diagnosis {
    const { outcome, blocking } = diagnosis;
    const changes = outcome === 'failed' ? this.#configuration.changesUpTo(snapshot, at) : [];
    const change = outcome === 'failed' ? changeBefore(blocking, match, changes) : undefined;
    const trunk = change?.trunk ?? diagnosis.trunk;
    // A call that was answered and then dropped got in.
    const isAnswered = outcome === 'connected' || outcome === 'dropped';
    if (outcome !== 'not_counted') this.#firstFailures.note(trunk, id, at, isAnswered);
    if (!change) return diagnosis;
    return { ...diagnosis, change: nameChange(change, at, this.#firstFailures.after(change, trunk)) };
  }
}
