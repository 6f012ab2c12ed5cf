import { Type } from 'typebox';
import { SEVERITIES } from '../../core/audit/finding.ts';
import { FINDINGS } from '../../core/audit/findings.ts';
import { PlainFix } from '../../core/explain/explanationSchema.ts';
import { ENCRYPTIONS } from '../../core/trunks/media.ts';
import { count, nullable, oneOf, text, time } from './apiSchema.ts';

const Texts = Type.Array(Type.String());
const IsSet = oneOf(['set', 'not set'], 'Whether it is set. The value is never shown.');
const FindingId = oneOf(
  FINDINGS.map(({ id }) => id),
  'Id of an audit finding.',
);

const Media = Type.Optional(
  Type.Object(
    {
      encryption: Type.Optional(oneOf(ENCRYPTIONS, 'From media.encryption, or from the older media_encryption.')),
      only_listed_codecs: Type.Boolean(),
      codecs: Type.Array(Type.String(), { description: 'Name, with the rate if one is listed.' }),
      media_timeout_seconds: Type.Optional(Type.Number()),
    },
    { title: 'Media', description: 'Media settings. Absent if none is set.' },
  ),
);

const Trunk = Type.Object(
  {
    sip_trunk_id: Type.String(),
    has_assumed_id: Type.Optional(
      Type.Literal(true, { description: 'LIVEKIT_CONFIG_FILE gives no id, and its dispatch rules name this one.' }),
    ),
    name: Type.String(),
    numbers: Texts,
    allowed_addresses: Texts,
    allowed_numbers: Texts,
    auth_username: Type.String(),
    auth_password: IsSet,
    ringing_timeout_seconds: Type.Optional(Type.Number()),
    media: Media,
  },
  { title: 'InboundTrunk', description: 'An inbound trunk of LiveKit.' },
);

const DispatchRule = Type.Object(
  {
    sip_dispatch_rule_id: Type.String(),
    name: Type.String(),
    kind: nullable(oneOf(['direct', 'individual', 'callee'], 'null: unknown kind.')),
    room: text('Room name of a direct rule, otherwise the room prefix.'),
    pin: IsSet,
    trunk_ids: Texts,
    inbound_numbers: Texts,
    numbers: Texts,
    agents: Type.Array(Type.String(), {
      description: 'Names in room_config.agents. If empty, only workers without an agent_name get its calls.',
    }),
    media: Media,
  },
  { title: 'DispatchRule', description: 'A dispatch rule of LiveKit.' },
);

const Finding = Type.Object(
  {
    id: FindingId,
    severity: oneOf(SEVERITIES, 'critical: with this configuration, calls fail or strangers get in.'),
    title: Type.String(),
    what: text('The problem, with the configured values.'),
    why: Type.String(),
    fix: Type.String(),
    trunk: text('Trunk of the finding in the metrics.'),
    trunk_name: nullable(text('Name of the trunk in LiveKit; null if it has none.')),
    trunks: Texts,
    dispatch_rules: Texts,
    fixes: Type.Array(PlainFix),
    count: count('Number of places with this finding.'),
  },
  { title: 'Finding', description: 'A problem in the configuration.' },
);

export const Trunks = Type.Object(
  {
    trunks: Type.Array(Trunk),
    dispatch_rules: Type.Array(DispatchRule),
    findings: Type.Array(Finding),
    errors: Type.Array(Type.Object({ id: FindingId, message: Type.String() })),
  },
  { title: 'Configuration', description: 'LiveKit’s inbound trunks and dispatch rules, with their audit.' },
);

const Change = Type.Object(
  {
    kind: oneOf(['trunk', 'rule'], 'What changed.'),
    id: Type.String(),
    change: oneOf(['added', 'removed', 'changed'], 'Kind of change.'),
    field: Type.Optional(Type.String()),
    text: Type.String(),
  },
  {
    title: 'ConfigurationChange',
    examples: [
      {
        kind: 'trunk',
        id: 'ST_GjeZjGQjrsvC',
        change: 'changed',
        field: 'allowed_numbers',
        text: 'allowed_numbers of ST_GjeZjGQjrsvC changed',
      },
    ],
    description: 'A change to a trunk or a dispatch rule.',
  },
);

const VERSION = {
  version: Type.Integer(),
  at: time('First read with this version.'),
  last_seen_at: time('Last read with this version.'),
};

const Version = Type.Object(VERSION, { title: 'ConfigurationVersion', description: 'One version.' });

const Applied = Type.Object(
  {
    id: text('Id, for sipwhy fix --undo.'),
    at: time('When it was applied.'),
    by: text('Who applied it.'),
    why: nullable(text('The reason that was given.')),
    subject: text('What it fixed: an incident id, a call_sid, or a finding id.'),
    cause: text('Cause id or finding id.'),
    what: Type.Array(Type.String(), { description: 'What was changed, without secrets.' }),
    undone_at: nullable(time('When it was taken back.')),
    undone_by: nullable(text('Who took it back.')),
  },
  { title: 'AppliedChange', description: 'A change that a command of sipwhy made in LiveKit’s configuration.' },
);

export const History = Type.Object(
  {
    versions: Type.Array(
      Type.Object({ ...VERSION, changes_total: count('Number of changes.'), changes: Type.Array(Change) }),
    ),
    applied: Type.Array(Applied, { description: 'Changes that commands made, the newest first.' }),
  },
  { title: 'ConfigurationHistory', description: 'Versions of LiveKit’s configuration, the newest first.' },
);

export const Difference = Type.Object(
  {
    from: Version,
    to: Version,
    changes_total: count('Number of changes.'),
    changes: Type.Array(Change, { description: 'The first 1000 changes.' }),
  },
  { title: 'ConfigurationDifference', description: 'What changed between two versions.' },
);
