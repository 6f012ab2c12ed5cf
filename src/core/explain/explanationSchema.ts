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
export const Party = oneOf(PARTIES, 'Who must act.');

export const Paste = Type.Object({
  label: text('What it is for.'),
  format: oneOf(['json', 'shell'], 'What it is.'),
  text: text('To be copied as it is.'),
});

const Proof = oneOf(
  ['connects', 'connects_as_far_as_known'],
  'The call was matched again with the fix made, and LiveKit then admits it.',
);

/** Of a fix or an audit finding. Kinds and their fields: see src/core/fixes/fix.ts. */
const Change = Type.Unsafe<AnyChange>(
  Type.Object({ kind: Type.String() }, { additionalProperties: true, description: 'What is changed, for programs.' }),
);

export const Effects = Type.Object(
  {
    calls: count('How many recent calls were matched again.'),
    newly_admitted: count('How many more would get in.'),
    newly_refused: count('How many would get in no longer.'),
    newly_conflicting: count('How many would meet two trunks or rules at once.'),
    exposes: Type.Array(Type.String(), { description: 'What the change opens.' }),
  },
  { description: 'What else the change does, by the configuration as it is now.' },
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
  source: oneOf(EVIDENCE_SOURCES, 'Where it comes from.'),
});

export const PrecedingChange = Type.Object(
  {
    at: time('Of the first reading of LiveKit’s configuration that had it.'),
    seconds_before: Type.Number(),
    first_failure_seconds_after: Type.Optional(Type.Number()),
    cause: CauseId,
    trunk: Type.Optional(Type.String()),
    changes: Type.Array(Type.String()),
    broke_the_call: Type.Boolean({ description: 'Whether the call would have come further before it.' }),
    text: Type.String(),
  },
  { description: 'The change of LiveKit’s configuration that came before.' },
);

const Causes = (description: string) => Type.Array(CauseId, { description });

const SeenByCaller = Type.Object(
  {
    kind: oneOf([...WAITS, 'none', 'unknown'], 'What it was.'),
    seconds: nullable(Type.Number({ description: 'How long it lasted.' })),
    far_end_ringings: nullable(count('How many 18x the far end of a dialled leg sent.')),
    first_ringing_after_seconds: nullable(Type.Number()),
    text: Type.String(),
  },
  { description: 'What the caller had while it lasted.' },
);

const Deployment = Type.Object(
  { kind: oneOf(DEPLOYMENT_KINDS, 'How it is run.'), basis: Type.String() },
  { description: 'What kind of LiveKit it went to, and how that is known; null for a leg that is not LiveKit’s.' },
);

/** The keys of an explanation: why one attempt ended as it did. Its type is derived from them. */
export const EXPLANATION = {
  call_sid: text('Of the leg.'),
  from: nullable(text('The caller.')),
  to: nullable(text('The called number or SIP URI.')),
  outcome: oneOf(OUTCOMES, 'not_counted: it failed by nobody’s fault.'),
  cause: nullable(CauseId),
  party: nullable(Party),
  confidence: nullable(oneOf(CONFIDENCES, 'certain: the evidence leaves no other cause.')),
  blocking: Causes('Each of them stops the call; the headline first.'),
  latent: Causes('They would stop it next, or may be there in what is not known.'),
  alternatives: Causes('The evidence cannot exclude them.'),
  findings: Type.Array(Type.String(), { description: 'Audit findings that the call ran into.' }),
  summary: Type.String(),
  seen_by_caller: SeenByCaller,
  deployment: nullable(Deployment),
  evidence: Type.Array(Evidence),
  fixes: Type.Array(Fix),
  unknowns: Type.Array(Type.String(), { description: 'What could not be known, and what would settle it.' }),
  trunk: text('The trunk it is counted under: an id, none, or unknown.'),
  change: Type.Optional(PrecedingChange),
  response: Type.Optional(
    Type.Object(
      {
        status: Type.Integer(),
        reason: Type.Optional(Type.String()),
        origin: oneOf(ORIGINS, 'Who said it.'),
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
