import type { FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { type Handled, type IncidentAction, LONGEST_MUTE_MS, NOTES_KEPT } from '../../core/incidents/foldByHand.ts';
import { sendInvalid, sendProblem } from '../problem.ts';
import type { ProblemField } from '../validation.ts';
import { type ApiServer, answer, problems } from './apiSchema.ts';
import { Acknowledge, AddNote, MuteUntil, PutAway, Resolve } from './handlingSchema.ts';
import { IncidentId, type IncidentRoutes, unknownIncident } from './incidentRoutes.ts';
import { IncidentWithCalls } from './incidentSchema.ts';
import { sendLong } from './longAnswer.ts';
import { timeOf } from './queryTimes.ts';

export interface HandlingRoutes {
  /** Does something about an incident by hand. Resolves once it is stored. */
  handleIncident(id: string, action: IncidentAction): Promise<Handled>;
}

interface Operation<T extends TSchema> {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly body: T;
  /** What the body asks for, or what is wrong with it. */
  actionOf(body: Static<T>): IncidentAction | ProblemField;
}

type Refusal = Exclude<Extract<Handled, { ok: false }>['reason'], 'unknown_incident'>;

const REFUSALS: Record<Refusal, string> = {
  closed: 'The incident is closed. Only an open one can be acknowledged, muted or resolved.',
  notes_full: `The incident has ${NOTES_KEPT} notes, and keeps no more.`,
  not_in_incident: 'No call of this incident has this call_sid.',
};

/** What people do about incidents. Each route answers with the incident. */
export function handlingRoutes(
  app: ApiServer,
  routes: HandlingRoutes & Pick<IncidentRoutes, 'incident'> & { now(): number },
): void {
  const post = <T extends TSchema>(verb: string, { body, actionOf, ...texts }: Operation<T>) =>
    app.post(
      `/incidents/:id/${verb}`,
      {
        schema: {
          ...texts,
          tags: ['incidents'],
          params: IncidentId,
          body,
          response: { 200: answer(IncidentWithCalls), ...problems(400, 401, 404, 409, 415, 503) },
        },
        preValidation: trimTexts,
      },
      async (request, reply) => {
        const { id } = request.params;
        // The cast: the schema has just validated it.
        const action = actionOf(request.body as Static<T>);
        if (!('kind' in action)) return sendInvalid(reply, [action]);
        const handled = await routes.handleIncident(id, action);
        if (!handled.ok && handled.reason !== 'unknown_incident')
          return sendProblem(reply, 409, handled.reason, REFUSALS[handled.reason]);
        const incident = handled.ok ? await routes.incident(id) : undefined;
        return incident ? sendLong(reply, incident) : unknownIncident(reply);
      },
    );

  post('acknowledge', {
    operationId: 'acknowledgeIncident',
    summary: 'Acknowledge an open incident, or take that back',
    description: 'Shows others that somebody takes care of it. An incident that reopens is not acknowledged any more.',
    body: Acknowledge,
    actionOf: ({ acknowledged, ...who }) => ({
      ...who,
      kind: acknowledged === false ? 'unacknowledge' : 'acknowledge',
    }),
  });
  post('note', {
    operationId: 'addIncidentNote',
    summary: 'Add a note to an incident',
    description: `An incident keeps ${NOTES_KEPT} notes; a further one is refused.`,
    body: AddNote,
    actionOf: (note) => ({ ...note, kind: 'note' }),
  });
  post('mute', {
    operationId: 'muteIncident',
    summary: 'Mute an open incident until a time, or unmute it',
    description: 'No notifications are sent of what happens to it until then, even if it closes and reopens.',
    body: MuteUntil,
    actionOf: ({ until, ...who }) => {
      if (until === null) return { ...who, kind: 'unmute' };
      const now = routes.now();
      const time = timeOf(until, now);
      if (time > now && time <= now + LONGEST_MUTE_MS) return { ...who, kind: 'mute', until: time };
      const detail = `until must be a time with its zone, or such as +2h, later than now and within 90 days, or null, got ${JSON.stringify(until.slice(0, 100))}`;
      return { field: 'until', detail };
    },
  });
  post('resolve', {
    operationId: 'resolveIncident',
    summary: 'Close an open incident by hand',
    description: 'A call that fails for the same cause within an hour reopens it.',
    body: Resolve,
    actionOf: (who) => ({ ...who, kind: 'resolve' }),
  });
  post('put-away', {
    operationId: 'putAwayCall',
    summary: 'Take a test call out of an incident for good',
    description: 'The call no longer counts in it. With its last call the incident closes. Metrics keep counting it.',
    body: PutAway,
    actionOf: ({ call_sid: callSid, ...who }) => ({ ...who, kind: 'put_away', callSid }),
  });
}

/** Spaces around a text say nothing, and Windows ends lines with two characters. */
async function trimTexts({ body }: FastifyRequest): Promise<void> {
  if (typeof body !== 'object' || body === null) return;
  for (const [name, value] of Object.entries(body))
    if (typeof value === 'string') Object.assign(body, { [name]: value.replaceAll('\r\n', '\n').trim() });
}
