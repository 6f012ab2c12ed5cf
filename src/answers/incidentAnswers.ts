import type { IncidentJson } from '../explain/incident.ts';
import type { Incident } from '../incidents/incident.ts';
import type { IncidentFilter } from '../journal/incidentStore.ts';
import type { Store } from '../journal/store.ts';

/** What the API is asked of incidents. */
export interface IncidentQuery extends Omit<IncidentFilter, 'after'> {
  /** As `next_cursor` gave it. */
  readonly cursor?: string;
}

/** What the API is asked of incidents, answered from the store. `describe` makes their JSON. */
export function incidentAnswersFrom(store: Store, describe: (incident: Incident) => IncidentJson) {
  return {
    /** Open incidents first, then the newest; `undefined` for a cursor that is none. */
    async incidents({ cursor, limit, ...filter }: IncidentQuery) {
      const after = cursor === undefined ? undefined : readCursor(cursor);
      if (cursor !== undefined && !after) return undefined;
      // One more than asked for tells whether there is another page.
      const found = await store.incidents.list({ ...filter, limit: limit + 1, ...(after && { after }) });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return { incidents: page.map(describe), next_cursor: last ? cursorOf(last) : null };
    },

    /** One incident with its example calls; `undefined` where there is none of that id. */
    async incident(id: string) {
      const incident = await store.incidents.find(id);
      if (!incident) return undefined;
      const records = await Promise.all(incident.examples.map((callSid) => store.findCall(callSid)));
      const examples = records.flatMap((record, i) =>
        (record?.attempts ?? []).filter(({ callSid }) => callSid === incident.examples[i]),
      );
      return {
        ...describe(incident),
        example_calls: examples.map(({ startedAt, explanation }) => ({
          call_sid: explanation.call_sid,
          started_at: new Date(startedAt).toISOString(),
          from: explanation.from,
          to: explanation.to,
          outcome: explanation.outcome,
          cause: explanation.cause,
          confidence: explanation.confidence,
          summary: explanation.summary,
        })),
      };
    },
  };
}

function cursorOf({ id, closed, openedAt }: Incident): string {
  return Buffer.from(JSON.stringify([!closed, openedAt, id])).toString('base64url');
}

function readCursor(cursor: string): IncidentFilter['after'] {
  try {
    const [isOpen, openedAt, id]: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof isOpen !== 'boolean' || typeof openedAt !== 'number' || typeof id !== 'string') return undefined;
    return { isOpen, openedAt, id };
  } catch {
    return undefined;
  }
}
