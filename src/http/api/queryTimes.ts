import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { sendInvalid } from '../problem.ts';

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;
const DURATION = /^(\d{1,6})([smhdw])$/;
/** RFC 3339, with a zone. */
const TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** A time in a query: absolute, or relative to now. */
export const QueryTime = (description: string) =>
  Type.String({
    description: `${description} A time with its zone, or how long ago: s, m, h, d or w, such as -90m.`,
    examples: ['2026-11-23T06:00:00Z', '-1h'],
  });

/** Makes these times of the query absolute, in UTC. Answers 400 for what is no time. `now` in epoch milliseconds. */
export async function readTimes(
  request: FastifyRequest,
  reply: FastifyReply,
  names: readonly string[],
  now: number,
): Promise<void> {
  // The cast is safe: Fastify's query parser gives this type.
  const query = request.query as Record<string, string | string[]>;
  const errors = names.flatMap((field) => {
    const value = query[field];
    if (value === undefined) return [];
    const time = typeof value === 'string' ? timeOf(value, now) : Number.NaN;
    if (Number.isNaN(time))
      return [
        {
          field,
          detail: `${field} must be a time with its zone, such as 2026-11-23T06:00:00Z, or how long ago, such as -1h, got ${JSON.stringify(value)}`,
        },
      ];
    query[field] = new Date(time).toISOString();
    return [];
  });
  if (errors.length > 0) await sendInvalid(reply, errors);
}

/** Epoch milliseconds; NaN for what is no time. RFC 3339 allows a leap second, which `Date` does not know. */
export function timeOf(text: string, now: number): number {
  const [, sign, duration = ''] = /^([+-])(.*)$/.exec(text) ?? [];
  if (sign !== undefined) return now + Number(`${sign}1`) * durationOf(duration);
  return TIME.test(text) ? Date.parse(text.replace(/:60(?=\D)/, ':59').toUpperCase()) : Number.NaN;
}

/** A length of time such as `15m`, in milliseconds; NaN for any other text. */
export function durationOf(text: string): number {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  // The cast is safe: the pattern has these units.
  return Number(amount) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS] * 1000;
}
