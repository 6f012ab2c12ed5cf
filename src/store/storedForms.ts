import type { CallerExperience, Wait } from '../core/diagnose/callerExperience.ts';
import type { AttemptRecord, RecordedChange } from '../core/diagnose/record.ts';
import type { FailedQuestion, Incident } from '../core/incidents/incident.ts';
import type { Queries } from './database.ts';
import type { StoredAttempt } from './store.ts';

/** A row of the table `attempts`. */
export interface AttemptRow {
  readonly id: string;
  readonly call_sid: string;
  readonly call_id: string;
  readonly started_at: number;
  readonly settled_at: number;
  readonly record: string;
}

export function toAttempt({ id, call_sid, call_id, started_at, settled_at, record }: AttemptRow): StoredAttempt {
  return {
    id,
    callSid: call_sid,
    callId: call_id,
    startedAt: started_at,
    settledAt: settled_at,
    record: recordFrom(JSON.parse(record), id),
  };
}

export interface IncidentRow {
  readonly incident: string;
}

export function readIncident({ incident }: IncidentRow): Incident {
  return incidentFrom(JSON.parse(incident));
}

/** Reads an incident and locks it until the transaction ends; `undefined` if there is none with this id. */
export async function lockIncident(queries: Queries, id: string): Promise<Incident | undefined> {
  // An UPDATE locks the row in both databases. Only PostgreSQL has FOR UPDATE.
  const [row] = await queries.all<IncidentRow>('UPDATE incidents SET id = id WHERE id = $1 RETURNING incident', [id]);
  return row && readIncident(row);
}

export async function writeIncident(queries: Queries, incident: Incident, now: number): Promise<void> {
  await queries.run('UPDATE incidents SET closed_at = $1, changed_at = $2, incident = $3 WHERE id = $4', [
    incident.closed?.at ?? null,
    now,
    JSON.stringify(incident),
    incident.id,
  ]);
}

// An older version may have written the stored JSON, in the form of its API. It is converted when it is read.

/** An attempt as an older version stored it: its explanation as JSON. The first versions had fewer keys. */
type OlderAttempt = Partial<Omit<AttemptRecord, 'from' | 'to' | 'cause' | 'party' | 'confidence' | 'change'>> &
  Pick<AttemptRecord, 'outcome' | 'summary' | 'trunk'> & {
    readonly [Key in 'cause' | 'party' | 'confidence']: NonNullable<AttemptRecord[Key]> | null;
  } & {
    readonly version?: undefined;
    readonly call_sid: string;
    readonly from?: string | null;
    readonly to?: string | null;
    readonly seen_by_caller?: OlderExperience;
    readonly change?: OlderChange;
    readonly rule_errors?: AttemptRecord['ruleErrors'];
  };

interface OlderExperience {
  readonly kind: CallerExperience['kind'];
  readonly seconds: number | null;
  readonly far_end_ringings: number | null;
  readonly first_ringing_after_seconds: number | null;
  readonly text: string;
}

interface OlderChange {
  readonly at: string;
  readonly seconds_before: number;
  readonly first_failure_seconds_after?: number;
  readonly cause: RecordedChange['cause'];
  readonly trunk?: string;
  readonly changes: readonly string[];
  readonly broke_the_call: boolean;
  readonly text: string;
}

/** Reads the record of an attempt from its stored JSON. `id` is the id of the attempt. */
export function recordFrom(json: unknown, id: string): AttemptRecord {
  // The cast: this version or an older one wrote it.
  const kept = json as AttemptRecord | OlderAttempt;
  return kept.version === undefined ? fromOlder(kept, id) : kept;
}

function fromOlder(older: OlderAttempt, id: string): AttemptRecord {
  const { from, to, deployment, change, response } = older;
  const evidence = older.evidence ?? [];
  return {
    version: 1,
    id,
    callSid: older.call_sid,
    ...(typeof from === 'string' && { from }),
    ...(typeof to === 'string' && { to }),
    outcome: older.outcome,
    cause: older.cause ?? undefined,
    party: older.party ?? undefined,
    confidence: older.confidence ?? undefined,
    blocking: older.blocking ?? [],
    latent: older.latent ?? [],
    alternatives: older.alternatives ?? [],
    findings: older.findings ?? [],
    summary: older.summary,
    // Older versions stored the change as a piece of evidence; now it is a key of its own.
    evidence: change ? evidence.filter(({ source, name }) => source !== 'match' || name !== 'change') : evidence,
    fixes: older.fixes ?? [],
    unknowns: older.unknowns ?? [],
    response,
    trunk: older.trunk,
    ruleErrors: older.rule_errors ?? [],
    ...(deployment && { deployment }),
    callerExperience: experienceFrom(older.seen_by_caller),
    ...(change && { change: changeFrom(change) }),
  };
}

function changeFrom(older: OlderChange): RecordedChange {
  const { broke_the_call: wasBetter, text } = older;
  return {
    at: Date.parse(older.at),
    cause: older.cause,
    trunk: older.trunk,
    texts: older.changes,
    // Only the text, in the older versions' words, contains the verdict before, and only if the change broke the call.
    verdictBefore: !wasBetter ? 'refused' : /admits this call/.test(text) ? 'admitted' : 'unknown',
    wasBetter,
    secondsBefore: older.seconds_before,
    firstFailureSecondsAfter: older.first_failure_seconds_after,
  };
}

function experienceFrom(older: OlderExperience | undefined): CallerExperience {
  if (!older) return { kind: 'unknown', missing: 'not_recorded' };
  const { kind, seconds, text, far_end_ringings: ringings, first_ringing_after_seconds: after } = older;
  if (kind === 'none') return { kind };
  if (kind === 'unknown' || seconds === null) {
    return { kind: 'unknown', missing: /caller’s leg/.test(text) ? 'caller_leg' : 'beginning_or_end' };
  }
  const farEnd = { ...(ringings !== null && { ringings }), ...(after !== null && { firstAfterSeconds: after }) };
  return {
    kind: kind satisfies Wait,
    seconds,
    // Only the text, in the older versions' words, contains the rest.
    precise: !text.startsWith('For about '),
    isAnswered: /until the answer of this attempt/.test(text),
    ...(/far end signalled/.test(text) && { farEnd }),
  };
}

/** An incident as an older version stored it. It refers to calls by the call_sid of their leg. */
type OlderIncident = Omit<Incident, 'version' | 'first' | 'last' | 'examples' | 'questions' | 'change' | 'afterFix'> & {
  readonly version?: undefined;
  readonly first: OlderRef & { readonly at: number };
  readonly last: OlderRef & { readonly at: number };
  readonly examples?: readonly string[];
  readonly questions?: readonly (OlderRef &
    Pick<FailedQuestion, 'isShown'> & { readonly from: string | null; readonly to: string | null })[];
  readonly change?: OlderChange;
  readonly afterFix?: NonNullable<Incident['afterFix']> | (OlderRef & { readonly state: string; readonly at: number });
};

interface OlderRef {
  readonly callSid: string;
}

/** Reads an incident from its stored JSON. */
export function incidentFrom(json: unknown): Incident {
  // The cast: this version or an older one wrote it.
  const kept = json as Incident | OlderIncident;
  if (kept.version !== undefined) return kept;
  const { first, last, examples = [], questions = [], change, afterFix, ...rest } = kept;
  return {
    ...rest,
    version: 1,
    first: withId(first),
    last: withId(last),
    examples: examples.map((callSid) => ({ id: callSid, callSid })),
    questions: questions.map(({ from, to, ...question }) => ({
      ...withId(question),
      ...(from !== null && { from }),
      ...(to !== null && { to }),
    })),
    ...(change && { change: changeFrom(change) }),
    // The cast: only states that name a call lack its id, which is added here.
    ...(afterFix && {
      afterFix: ('callSid' in afterFix ? withId(afterFix) : afterFix) as NonNullable<Incident['afterFix']>,
    }),
  };
}

function withId<R extends OlderRef>(ref: R): R & { readonly id: string } {
  return { ...ref, id: ref.callSid };
}
