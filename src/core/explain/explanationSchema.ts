import { type TSchema, Type } from 'typebox';
import { WAITS } from '../diagnose/callerExperience.ts';
import { CONFIDENCES, EVIDENCE_SOURCES, type Party as PartyName } from '../diagnose/cause.ts';
import { CAUSES } from '../diagnose/causes.ts';
import { ORIGINS, OUTCOMES, PARTY_WORDS } from '../diagnose/diagnosis.ts';
import { ENDED_BY } from '../diagnose/facts/callEnd.ts';
import { DEPLOYMENT_KINDS } from '../diagnose/facts/deployment.ts';
import type { Change as AnyChange } from '../fixes/fix.ts';

// The building blocks for schemas of public JSON.

/** A value, or `null` if it isn't known. */
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const text = (description: string) => Type.String({ description });
export const count = (description: string) => Type.Integer({ minimum: 0, description });
export const time = (description: string) => Type.String({ format: 'date-time', description });
export const oneOf = <const T extends string>(values: readonly T[], description: string, title?: string) =>
  Type.Enum([...values], { ...(title !== undefined && { title }), description });

/** The same type, and nothing in it can be changed. */
export type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;

export const CAUSE_IDS = CAUSES.map(({ id }) => id);
// The cast: the record has every party as a key, and no other.
export const PARTIES = Object.keys(PARTY_WORDS) as PartyName[];

export const CauseId = oneOf(CAUSE_IDS, 'Cause id. GET /api/v1/causes describes each cause.', 'CauseId');
export const Party = oneOf(PARTIES, 'Owner: who must fix it.', 'Party');

const PASTE = {
  label: 'lk',
  format: 'shell',
  tool: 'lk',
  text: 'lk sip inbound update --id ST_GjeZjGQjrsvC --numbers 4991874350352',
};
const EVIDENCE = {
  cause: 'called_number_not_on_trunk',
  name: 'numbers of ST_GjeZjGQjrsvC "Jambonz Inbound"',
  value: 'call-afd968a1ba780364 isn’t in [4991874350352]',
  source: 'match',
};

export const Paste = Type.Object(
  {
    label: text('What it is, in a few words. It says so if placeholders must be filled in first.'),
    format: oneOf(['json', 'shell'], 'shell: a command that runs as it is.'),
    tool: Type.Optional(oneOf(['lk', 'curl'], 'What the command runs.')),
    text: text('The snippet, ready to paste.'),
  },
  { title: 'Paste', description: 'Something to paste.', examples: [PASTE] },
);

const Proof = oneOf(
  ['connects', 'connects_as_far_as_known'],
  'The call was matched again with the fix applied, and it connects. connects_as_far_as_known: some fields are unknown.',
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
    calls: count('Recent calls that were matched again with the change.'),
    newly_admitted: count('Calls that would be newly admitted.'),
    newly_refused: count('Calls that would no longer be admitted.'),
    newly_conflicting: count('Calls that would newly match two conflicting trunks or rules.'),
    exposes: Type.Array(Type.String(), { description: 'Access that the change opens.' }),
  },
  { title: 'Effects', description: 'Other effects of the change, given the current configuration.' },
);

export const Fix = Type.Object(
  {
    cause: CauseId,
    action: text('What to do.'),
    pastes: Type.Array(Paste),
    change: Type.Optional(Change),
    proof: Type.Optional(Proof),
    effects: Type.Optional(Effects),
  },
  { title: 'Fix', description: 'A change that would make the call connect, as far as one cause is concerned.' },
);

export const PlainFix = Type.Object(
  {
    action: Type.String(),
    pastes: Type.Array(Paste),
    change: Type.Optional(Change),
  },
  { title: 'PlainFix', description: 'A change that mends a finding.' },
);
export const IncidentFix = Type.Object(
  { action: Type.String(), pastes: Type.Array(Paste), proof: nullable(Proof) },
  { title: 'IncidentFix', description: 'The first fix of the latest failure.' },
);

export const Evidence = Type.Object(
  {
    cause: CauseId,
    name: Type.String(),
    value: Type.String(),
    source: oneOf(EVIDENCE_SOURCES, 'Source of the evidence.'),
  },
  { title: 'Evidence', description: 'What shows a cause, and where it comes from.', examples: [EVIDENCE] },
);

export const PrecedingChange = Type.Object(
  {
    at: time('When a read of LiveKit’s configuration first showed the change.'),
    seconds_before: Type.Number(),
    first_failure_seconds_after: Type.Optional(Type.Number()),
    cause: CauseId,
    trunk: Type.Optional(Type.String()),
    changes: Type.Array(Type.String()),
    broke_the_call: Type.Boolean({ description: 'Whether the call would have got further before the change.' }),
    text: Type.String(),
  },
  { title: 'PrecedingChange', description: 'The change to LiveKit’s configuration before the failure.' },
);

const Causes = (description: string) => Type.Array(CauseId, { description });

const SeenByCaller = Type.Object(
  {
    kind: oneOf([...WAITS, 'none', 'unknown'], 'Kind of wait. none: Jambonz placed the call itself.'),
    seconds: nullable(Type.Number({ description: 'Length of the wait.' })),
    far_end_ringings: nullable(count('Number of 18x responses from the far end of a dialled leg.')),
    first_ringing_after_seconds: nullable(Type.Number()),
    text: Type.String(),
  },
  { title: 'SeenByCaller', description: 'The caller’s experience until the answer or the end of the attempt.' },
);

const Deployment = Type.Object(
  { kind: oneOf(DEPLOYMENT_KINDS, 'LiveKit Cloud or self-hosted.'), basis: Type.String() },
  {
    title: 'Deployment',
    description: 'Kind of LiveKit that was dialled, and how that is known. null for a leg that doesn’t go to LiveKit.',
  },
);

const CallEnd = Type.Object(
  {
    by: oneOf(ENDED_BY, 'Who ended the call. far_end: the dialled side; jambonz: Jambonz or the application.'),
    after_seconds: nullable(Type.Number({ description: 'Time from the answer to the end.' })),
    alone_seconds: nullable(
      Type.Number({ description: 'How long the caller was alone: the agent had left, or LiveKit had ended its side.' }),
    ),
  },
  { title: 'CallEnd', description: 'How an answered call ended. Absent until it has ended.' },
);

/** The keys of an explanation of one attempt. The type is derived from them. */
export const EXPLANATION = {
  call_sid: text('call_sid of the leg.'),
  from: nullable(text('Caller number.')),
  to: nullable(text('Called number or SIP URI.')),
  outcome: oneOf(
    OUTCOMES,
    'dropped: the call was answered, and then ended by a fault. not_counted: the call failed, but nobody is at fault.',
  ),
  cause: nullable(CauseId),
  party: nullable(Party),
  confidence: nullable(oneOf(CONFIDENCES, 'certain: the evidence rules out every other cause.')),
  blocking: Causes('Causes that each stop the call, the main one first.'),
  latent: Causes('Causes that would stop the call next, or that may exist in an unknown field.'),
  alternatives: Causes('Other causes that the evidence can’t rule out.'),
  findings: Type.Array(Type.String(), { description: 'Ids of audit findings that affected the call.' }),
  summary: Type.String(),
  seen_by_caller: SeenByCaller,
  deployment: nullable(Deployment),
  evidence: Type.Array(Evidence),
  fixes: Type.Array(Fix),
  unknowns: Type.Array(Type.String(), { description: 'What is unknown, and how to make it known.' }),
  trunk: text('Trunk in the metrics: a trunk id, none or unknown.'),
  change: Type.Optional(PrecedingChange),
  end: Type.Optional(CallEnd),
  response: Type.Optional(
    Type.Object(
      {
        status: Type.Integer(),
        reason: Type.Optional(Type.String()),
        origin: oneOf(ORIGINS, 'System that sent it.'),
      },
      { description: 'Final SIP response.' },
    ),
  ),
  rule_errors: Type.Optional(
    Type.Array(Type.Object({ cause: CauseId, message: Type.String() }), { description: 'Errors thrown by rules.' }),
  ),
};
export const ExplanationSchema = Type.Object(EXPLANATION);

/** The keys of an explanation in lists and events. */
export const LISTED_ATTEMPT = {
  ...EXPLANATION,
  started_at: time('When the first webhook arrived.'),
  settled_at: time('When the attempt was first explained. Lists are sorted by it.'),
};
