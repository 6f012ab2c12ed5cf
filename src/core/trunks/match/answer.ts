import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { normaliseNumber } from '../number.ts';
import { parseRule, parseTrunk } from '../readSnapshot.ts';
import { findCreationConflicts } from './creationConflicts.ts';
import { dispatchPriority, matchDispatch } from './dispatch.ts';
import { looseAddresses, matchTrunk, strictAddresses } from './match.ts';

const Call = Type.Object({
  from_user: Type.Optional(Type.String()),
  from_host: Type.Optional(Type.String()),
  to_user: Type.Optional(Type.String()),
  source_ip: Type.Optional(Type.String()),
  pin: Type.Optional(Type.String()),
  no_pin: Type.Optional(Type.Boolean()),
});

/** The shapes of matching questions by kind. */
const QUESTIONS = {
  normalize: Type.Object({ kind: Type.Literal('normalize'), input: Type.String() }),
  trunk: Type.Object({
    kind: Type.Literal('trunk'),
    strict_addresses: Type.Optional(Type.Boolean()),
    call: Call,
    trunks: Type.Array(Type.Unknown()),
  }),
  dispatch: Type.Object({
    kind: Type.Literal('dispatch'),
    sip_trunk_id: Type.Optional(Type.String()),
    call: Call,
    rules: Type.Array(Type.Unknown()),
  }),
};
export type Question = Static<(typeof QUESTIONS)[keyof typeof QUESTIONS]>;

const SHAPES = new Map(Object.entries(QUESTIONS).map(([kind, schema]) => [kind, Compile(schema)] as const));

/** Reads one question. Throws an error that names the wrong field. */
export function parseQuestion(json: unknown): Question {
  const kind = typeof json === 'object' && json !== null && 'kind' in json ? json.kind : undefined;
  const shape = typeof kind === 'string' ? SHAPES.get(kind) : undefined;
  if (!shape) throw new Error(`not a question: kind must be ${[...SHAPES.keys()].join(', ')}`);
  // The cast: the shape of this kind has checked it.
  if (shape.Check(json)) return json as Question;
  const [first] = shape.Errors(json);
  throw new Error(`not a question: ${first?.instancePath || 'the line'} ${first?.message}`);
}

/** Answers a matching question as LiveKit's own package does. `sipwhy match` prints the answer unchanged. */
export function answer(question: Question): Record<string, unknown> {
  switch (question.kind) {
    case 'normalize':
      return { result: normaliseNumber(question.input) };
    case 'trunk':
      return answerTrunk(question);
    case 'dispatch':
      return answerDispatch(question);
  }
}

function answerTrunk(question: Extract<Question, { kind: 'trunk' }>): Record<string, unknown> {
  const { from_user = '', from_host = '', to_user = '', source_ip = '' } = question.call;
  const trunks = question.trunks.map(parseTrunk);
  const isAllowed = question.strict_addresses ? strictAddresses : looseAddresses;
  const match = matchTrunk(trunks, { from_user, from_host, to_user, source_ip }, isAllowed);
  const rest = { filtered: match.filtered, conflicts: findCreationConflicts(trunks) };
  if (!match.ok) return { error: match.error, ...rest };
  return { sip_trunk_id: match.trunk?.sip_trunk_id ?? '', match_type: match.matchType, ...rest };
}

function answerDispatch(question: Extract<Question, { kind: 'dispatch' }>): Record<string, unknown> {
  const { from_user = '', to_user = '', pin = '', no_pin = false } = question.call;
  const rules = question.rules.map(parseRule);
  const match = matchDispatch(rules, question.sip_trunk_id || undefined, { from_user, to_user, pin, no_pin });
  if (!match.ok) return { error: match.error };
  return {
    sip_dispatch_rule_id: match.rule.sip_dispatch_rule_id,
    priority: dispatchPriority(match.rule),
    result: match.result,
  };
}
