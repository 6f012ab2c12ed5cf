import type { FastifyRequest } from 'fastify';

/** Patterns of texts that people type. Control characters would command a terminal. */
export const ONE_LINE = String.raw`^\P{Cc}*$`;
export const LINES = String.raw`^[\P{Cc}\n\t]*$`;

const SHOWN_CHARACTERS = 200;

const PATTERN_WORDS: ReadonlyMap<string, string> = new Map([
  [String.raw`\d`, 'must contain a digit'],
  [ONE_LINE, 'must be one line without control characters'],
  [LINES, 'must not have control characters'],
]);

/** A wrong field, and what it must be. */
export interface ProblemField {
  readonly field: string;
  readonly detail: string;
}

/** The result of Fastify's validation. */
export interface InvalidRequest {
  readonly validation: readonly {
    readonly keyword: string;
    readonly instancePath: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly message?: string | undefined;
  }[];
  readonly validationContext: string;
}

/** The faults of a request: each names the field, what it must be and what was sent. */
export function faultsOf(
  request: FastifyRequest,
  validation: InvalidRequest['validation'],
  context = 'querystring',
): ProblemField[] {
  const sent: unknown = context === 'params' ? request.params : context === 'body' ? request.body : request.query;
  return validation.map(({ keyword, instancePath, params, message = 'is invalid' }) => {
    const path = instancePath.split('/').slice(1);
    const field = String(params.additionalProperty ?? params.missingProperty ?? path[0] ?? context);
    const value = path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), sent);
    const got = typeof value === 'string' || typeof value === 'number' ? `, got ${shown(value)}` : '';
    return { field, detail: `${field} ${wordsOf(keyword, params, message)}${got}` };
  });
}

/** What was sent, or the beginning of it. */
function shown(value: string | number): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

function wordsOf(keyword: string, params: Readonly<Record<string, unknown>>, message: string): string {
  switch (keyword) {
    case 'enum':
      return `must be ${[params.allowedValues].flat().join(', ')}`;
    case 'additionalProperties':
      return 'isn’t a parameter here; see /api/v1/openapi.json';
    case 'required':
      return 'is missing';
    case 'pattern':
      return PATTERN_WORDS.get(String(params.pattern)) ?? message;
    case 'format':
      return params.format === 'date-time' ? 'must be a time with its zone, such as 2026-11-23T06:00:00Z' : message;
    default:
      return message;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
