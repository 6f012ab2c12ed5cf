import type { IncidentJson } from '../../core/explain/incidentJson.ts';
import { type Incident, isSameAttempt } from '../../core/incidents/incident.ts';
import { mapInSlices } from '../../loop/slices.ts';
import type { IncidentFilter } from '../../store/incidents/incidents.ts';
import type { Store } from '../../store/store.ts';

/** The API's query for incidents. */
export interface IncidentQuery extends Omit<IncidentFilter, 'after'> {
  /** The `next_cursor` of the page before. */
  readonly cursor?: string;
}

/** Answers the API's queries for incidents from the store. `describe` makes their JSON. */
export function incidentAnswersFrom(store: Store, describe: (incident: Incident) => IncidentJson) {
  return {
    /** A page of incidents, open ones first, then the newest; `undefined` for an invalid cursor. */
    async incidents({ cursor, limit, ...filter }: IncidentQuery) {
      const after = cursor === undefined ? undefined : positionOf(cursor);
      if (cursor !== undefined && !after) return undefined;
      // One more than requested shows whether there is another page.
      const found = await store.incidents.list({ ...filter, limit: limit + 1, ...(after && { after }) });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return {
        incidents: await mapInSlices(page, describe),
        next_cursor: last ? toCursor([!last.closed, last.openedAt, last.id]) : null,
      };
    },

    /** One incident with its example calls; `undefined` if there is none with this id. */
    async incident(id: string) {
      const incident = await store.incidents.find(id);
      if (!incident) return undefined;
      const examples = await Promise.all(
        incident.examples.map(async (example) => {
          const call = await store.calls.find(example.callSid);
          return call?.attempts.find((attempt) => isSameAttempt(attempt, example)) ?? [];
        }),
      );
      return {
        ...describe(incident),
        example_calls: examples.flat().map(({ startedAt, record }) => ({
          call_sid: record.callSid,
          started_at: new Date(startedAt).toISOString(),
          from: record.from ?? null,
          to: record.to ?? null,
          outcome: record.outcome,
          cause: record.cause ?? null,
          confidence: record.confidence ?? null,
          summary: record.summary,
        })),
      };
    },
  };
}

function positionOf(cursor: string): IncidentFilter['after'] {
  const parts = fromCursor(cursor, 'boolean', 'number', 'string');
  return parts && { isOpen: parts[0], openedAt: parts[1], id: parts[2] };
}

// Cursors are opaque to clients. They contain the values that a list is ordered by.

/** The position of the last entry of a page, as text. */
export function toCursor(parts: readonly (string | number | boolean)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts of a cursor; `undefined` for text that is not a cursor with these types. */
export function fromCursor<const T extends readonly ('string' | 'number' | 'boolean')[]>(
  cursor: string,
  ...types: T
): { readonly [I in keyof T]: TypeOf<T[I]> } | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== types.length) return undefined;
    // A position is a time or a count, and PostgreSQL refuses any other number.
    const isOf = (type: T[number], part: unknown) =>
      type === 'number' ? Number.isSafeInteger(part) : typeof part === type;
    // The cast: the comparison with the types has shown it.
    return types.every((type, i) => isOf(type, parts[i])) ? (parts as never) : undefined;
  } catch {
    return undefined;
  }
}

type TypeOf<T> = T extends 'string' ? string : T extends 'number' ? number : boolean;
