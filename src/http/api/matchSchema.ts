import { Type } from 'typebox';
import { count, nullable, oneOf, text } from './schema.ts';

const Verdict = oneOf(['pass', 'fail', 'unknown'], 'unknown: it depends on what is not known.');

const Field = Type.Object({
  field: Type.String(),
  verdict: Verdict,
  sent: nullable(text('What the call carries.')),
  listed: Type.Array(Type.String()),
  edit: Type.Optional(text('The nearest edit that would admit the call.')),
});

/** How LiveKit's matching came to its answer. */
export const Match = Type.Object(
  {
    trunks: Type.Array(
      Type.Object({
        sip_trunk_id: Type.String(),
        name: Type.String(),
        verdict: Verdict,
        meant: Type.Boolean({ description: 'LiveKit’s choice, or else the trunk most likely meant.' }),
        fields: Type.Array(Field),
      }),
      { description: 'The nearest first.' },
    ),
    trunks_left_out: count('How many trunks are not shown.'),
    auth: nullable(Field),
    dispatch_rules: Type.Array(
      Type.Object({
        sip_dispatch_rule_id: Type.String(),
        name: Type.String(),
        verdict: Verdict,
        chosen: Type.Boolean(),
        priority: Type.Integer({ description: 'LiveKit’s sorting priority; lower wins.' }),
        fields: Type.Array(Field),
      }),
    ),
    dispatch_rules_left_out: count('How many rules are not shown.'),
  },
  { description: 'LiveKit’s matching, trunk by trunk and rule by rule, by the configuration of the call’s time.' },
);
