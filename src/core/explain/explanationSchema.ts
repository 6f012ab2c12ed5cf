import { type TSchema, Type } from 'typebox';
import { WAITS } from '../diagnose/callerExperience.ts';
import { CONFIDENCES, EVIDENCE_SOURCES, type Party as PartyName } from '../diagnose/cause.ts';
import { CAUSES } from '../diagnose/causes.ts';
import { ORIGINS, OUTCOMES, PARTY_WORDS } from '../diagnose/diagnosis.ts';
import { DEPLOYMENT_KINDS } from '../diagnose/facts/deployment.ts';
import type { Change as AnyChange } from '../fixes/fix.ts';

// The words that the schemas of public JSON are written in.

/** A value, or `null` where it is not known. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const text = (description: string) => Type.String({ description });
export const count = (description: string) => Type.Integer({ minimum: 0, description });
export const time = (description: string) => Type.String({ format: 'date-time', description });
export const oneOf = <const T extends string>(values: readonly T[], description: string) =>
  Type.Enum([...values], { description });

/** The same type, and nothing in it can be changed. */
export type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;

export const CAUSE_IDS = CAUSES.map(({ id }) => id);
// The cast: the record has every party as a key, and no other.
export const PARTIES = Object.keys(PARTY_WORDS) as PartyName[];

export const CauseId = oneOf(CAUSE_IDS, 'A cause; GET /api/v1/causes describes each.');
export const Party = oneOf(PARTIES, 'The owner of the problem.');

export const Paste = Type.Object({
  label: text('What the snippet is for.'),
  format: oneOf(['json', 'shell'], 'The format of the snippet.'),
  text: text('The snippet, ready to paste.'),
});

const Proof = oneOf(
  ['connects', 'connects_as_far_as_known'],
  'LiveKit’s matching admits the call with the fix applied; connects_as_far_as_known if some fields are unknown.',
);

/** Of a fix or an audit finding. Kinds and their fields: see src/core/fixes/fix.ts. */
const Change = Type.Unsafe<AnyChange>(
  Type.Object(
    { kind: Type.String() },
    { additionalProperties: true, description: 'The change in machine-readable form.' },
  ),
);

export const Effects = Type.Object(
  {
    calls: count('Number of recent calls matched again.'),
    newly_admitted: count('Number of calls that would newly get in.'),
    newly_refused: count('Number of calls that would no longer get in.'),
    newly_conflicting: count('Number of calls that would hit conflicting trunks or rules.'),
    exposes: Type.Array(Type.String(), { description: 'What the change opens to more callers.' }),
  },
  { description: 'Side effects of the change under the current configuration.' },
);

export const Fix = Type.Object({
  cause: CauseId,
  action: text('What to do, in one sentence.'),
  pastes: Type.Array(Paste),
  change: Type.Optional(Change),
  proof: Type.Optional(Proof),
  effects: Type.Optional(Effects),
});

export const PlainFix = Type.Object({
  action: Type.String(),
  pastes: Type.Array(Paste),
  change: Type.Optional(Change),
});
export const IncidentFix = Type.Object({ action: Type.String(), pastes: Type.Array(Paste), proof: nullable(Proof) });

export const Evidence = Type.Object({
  cause: CauseId,
  name: Type.String(),
  value: Type.String(),
  source: oneOf(EVIDENCE_SOURCES, 'Source of the evidence.'),
});

export const PrecedingChange = Type.Object(
  {
    at: time('Time of the first reading of LiveKit’s configuration with the change.'),
    seconds_before: Type.Number(),
    first_failure_seconds_after: Type.Optional(Type.Number()),
    cause: CauseId,
    trunk: Type.Optional(Type.String()),
    changes: Type.Array(Type.String()),
    broke_the_call: Type.Boolean({ description: 'Whether the call would have got further before the change.' }),
    text: Type.String(),
  },
  { description: 'The change of LiveKit’s configuration before the failure.' },
);

const Causes = (description: string) => Type.Array(CauseId, { description });

const SeenByCaller = Type.Object(
  {
    kind: oneOf([...WAITS, 'none', 'unknown'], 'Kind of experience.'),
    seconds: nullable(Type.Number({ description: 'Duration of the wait.' })),
    far_end_ringings: nullable(count('Number of 18x responses from the far end of a dialled leg.')),
    first_ringing_after_seconds: nullable(Type.Number()),
    text: Type.String(),
  },
  { description: 'Caller experience during the attempt.' },
);

const Deployment = Type.Object(
  { kind: oneOf(DEPLOYMENT_KINDS, 'LiveKit Cloud, self-hosted, or unknown.'), basis: Type.String() },
  {
    description: 'Whether the dialled LiveKit is Cloud or self-hosted, and why; null for a leg that isn’t to LiveKit.',
  },
);

/** The keys of an explanation: why one attempt ended as it did. Its type is derived from them. */
export const EXPLANATION = {
  call_sid: text('call_sid of the leg.'),
  from: nullable(text('The caller.')),
  to: nullable(text('The called number or SIP URI.')),
  outcome: oneOf(OUTCOMES, 'not_counted: it failed, but nobody is at fault.'),
  cause: nullable(CauseId),
  party: nullable(Party),
  confidence: nullable(oneOf(CONFIDENCES, 'certain: the evidence leaves no other cause.')),
  blocking: Causes('Causes that each stop the call, headline first.'),
  latent: Causes('Next blockers, and causes that may hide in unknown fields.'),
  alternatives: Causes('Causes that the evidence can’t exclude.'),
  findings: Type.Array(Type.String(), { description: 'Audit findings that affected the call.' }),
  summary: Type.String(),
  seen_by_caller: SeenByCaller,
  deployment: nullable(Deployment),
  evidence: Type.Array(Evidence),
  fixes: Type.Array(Fix),
  unknowns: Type.Array(Type.String(), { description: 'What is unknown, and what would settle it.' }),
  trunk: text('The trunk that the attempt is counted under: an id, none, or unknown.'),
  change: Type.Optional(PrecedingChange),
  response: Type.Optional(
    Type.Object(
      {
        status: Type.Integer(),
        reason: Type.Optional(Type.String()),
        origin: oneOf(ORIGINS, 'Who sent it.'),
      },
      { description: 'The final response.' },
    ),
  ),
  rule_errors: Type.Optional(
    Type.Array(Type.Object({ cause: CauseId, message: Type.String() }), { description: 'Rules that threw.' }),
  ),
};
export const ExplanationSchema = Type.Object(EXPLANATION);

/** The keys of an explanation in lists and events. */
export const LISTED_ATTEMPT = {
  ...EXPLANATION,
  started_at: time('When its first webhook came.'),
  settled_at: time('When it was first explained; the order of lists.'),
};
