import { Type } from 'typebox';
import { SEVERITIES } from '../../core/audit/finding.ts';
import { FINDINGS } from '../../core/audit/findings.ts';
import { PlainFix } from '../../core/explain/explanationSchema.ts';
import { count, nullable, oneOf, text, time } from './apiSchema.ts';

const Texts = Type.Array(Type.String());
const IsSet = oneOf(['set', 'not set'], 'Whether there is one; it is never shown.');
const FindingId = oneOf(
  FINDINGS.map(({ id }) => id),
  'A finding of the audit.',
);

const Trunk = Type.Object({
  sip_trunk_id: Type.String(),
  name: Type.String(),
  numbers: Texts,
  allowed_addresses: Texts,
  allowed_numbers: Texts,
  auth_username: Type.String(),
  auth_password: IsSet,
  ringing_timeout_seconds: Type.Optional(Type.Number()),
});

const DispatchRule = Type.Object({
  sip_dispatch_rule_id: Type.String(),
  name: Type.String(),
  kind: nullable(oneOf(['direct', 'individual', 'callee'], 'null: a kind that is not known.')),
  room: text('Room name of a direct rule, room prefix of the others.'),
  pin: IsSet,
  trunk_ids: Texts,
  inbound_numbers: Texts,
  numbers: Texts,
});

const Finding = Type.Object({
  id: FindingId,
  severity: oneOf(SEVERITIES, 'critical: calls fail, or strangers get in, as configured now.'),
  title: Type.String(),
  what: text('With the values as configured.'),
  why: Type.String(),
  fix: Type.String(),
  trunk: text('The trunk it is counted under.'),
  trunks: Texts,
  dispatch_rules: Texts,
  fixes: Type.Array(PlainFix),
  count: count('How many places it stands for.'),
});

export const Trunks = Type.Object(
  {
    trunks: Type.Array(Trunk),
    dispatch_rules: Type.Array(DispatchRule),
    findings: Type.Array(Finding),
    errors: Type.Array(Type.Object({ id: FindingId, message: Type.String() })),
  },
  { description: 'LiveKit’s inbound trunks and dispatch rules, and what is wrong with them.' },
);

const Change = Type.Object({
  kind: oneOf(['trunk', 'rule'], 'Of what.'),
  id: Type.String(),
  change: oneOf(['added', 'removed', 'changed'], 'What happened.'),
  field: Type.Optional(Type.String()),
  text: Type.String(),
});

const VERSION = {
  version: Type.Integer(),
  at: time('Of the first reading that had it.'),
  last_seen_at: time('Of the last reading that had it.'),
};

export const History = Type.Object(
  {
    versions: Type.Array(
      Type.Object({ ...VERSION, changes_total: count('How many changes.'), changes: Type.Array(Change) }),
    ),
  },
  { description: 'Versions of LiveKit’s configuration, the newest first.' },
);

export const Difference = Type.Object(
  { from: Type.Object(VERSION), to: Type.Object(VERSION), changes: Type.Array(Change) },
  { description: 'What changed between two versions.' },
);
