import { Type } from 'typebox';
import { sendProblem } from '../problem.ts';
import { type ApiServer, answer, problems } from './apiSchema.ts';
import { Resolve } from './handlingSchema.ts';
import { IncidentId } from './incidentRoutes.ts';
import { sendLong } from './longAnswer.ts';
import { Predicted, PredictedList, WhatIfAnswer } from './predictionSchema.ts';
import { NO_CONFIGURATION } from './trunkRoutes.ts';

export interface PredictionRoutes {
  /** Predicted incidents, open ones first. */
  predicted(state: 'open' | 'closed' | 'all'): Promise<readonly object[]>;
  /** One of them; `undefined` for an unknown id. */
  prediction(id: string): Promise<object | undefined>;
  /** Accepts one by hand. Resolves to whether it was open. */
  resolvePrediction(id: string, by: string | undefined): Promise<boolean>;
  /** What a changed configuration would do; `undefined` while LiveKit's configuration is unknown. */
  whatIf(
    changed: unknown,
  ): Promise<
    { readonly ok: true; readonly answer: object } | { readonly ok: false; readonly fault: string } | undefined
  >;
}

const StateQuery = Type.Object(
  { state: Type.Enum(['open', 'closed', 'all'], { default: 'open', description: 'State of the incidents.' }) },
  { additionalProperties: false },
);

const Changed = Type.Object(
  {
    inbound_trunks: Type.Optional(
      Type.Unknown({ description: 'Replaces all trunks, in any form that LIVEKIT_CONFIG_FILE has.' }),
    ),
    dispatch_rules: Type.Optional(Type.Unknown({ description: 'Replaces all dispatch rules.' })),
    changes: Type.Optional(
      Type.Unknown({ description: 'Changes as fixes have them under change, applied one after the other.' }),
    ),
  },
  {
    title: 'ChangedConfiguration',
    description: 'Another configuration than the one in force. A list that is missing stays.',
  },
);

/** Predicted incidents, and what a changed configuration would do. */
export function predictionRoutes(app: ApiServer, routes: PredictionRoutes): void {
  app.get(
    '/incidents/predicted',
    {
      schema: {
        operationId: 'listPredictedIncidents',
        summary: 'List predicted incidents',
        description:
          'What changes of LiveKit’s configuration will do to calls that connected in the last 7 days, before the first of them fails.',
        tags: ['incidents'],
        querystring: StateQuery,
        response: { 200: answer(PredictedList), ...problems(400, 401, 503) },
      },
    },
    async (request, reply) => sendLong(reply, { incidents: await routes.predicted(request.query.state) }),
  );
  app.get(
    '/incidents/predicted/:id',
    {
      schema: {
        operationId: 'getPredictedIncident',
        summary: 'Get a predicted incident',
        description: 'With the calls that it concerns, the edit that mends it and the edit that takes the change back.',
        tags: ['incidents'],
        params: IncidentId,
        response: { 200: answer(Predicted), ...problems(401, 404, 503) },
      },
    },
    async (request, reply) => (await routes.prediction(request.params.id)) ?? unknown(reply),
  );
  app.post(
    '/incidents/predicted/:id/resolve',
    {
      schema: {
        operationId: 'resolvePredictedIncident',
        summary: 'Accept a predicted incident by hand',
        description: 'Closes it: the change was meant. Its calls are no longer expected until they connect again.',
        tags: ['incidents'],
        params: IncidentId,
        body: Resolve,
        response: { 200: answer(Predicted), ...problems(400, 401, 404, 409, 415, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const isClosed = await routes.resolvePrediction(id, request.body.by);
      const prediction = await routes.prediction(id);
      if (!prediction) return unknown(reply);
      if (!isClosed) return sendProblem(reply, 409, 'closed', 'The predicted incident is closed already.');
      return prediction;
    },
  );
  app.post(
    '/check/configuration',
    {
      // readChange validates the body.
      validatorCompiler: () => () => true,
      schema: {
        operationId: 'checkConfiguration',
        summary: 'Check what a changed configuration would do',
        description:
          'Matches the kinds of calls that connected in the last 7 days, and recent failed calls, against it. Changes nothing.',
        tags: ['check'],
        body: Changed,
        response: { 200: answer(WhatIfAnswer), ...problems(400, 401, 415, 503) },
      },
    },
    async (request, reply) => {
      const result = await routes.whatIf(request.body);
      if (!result) return sendProblem(reply, 503, 'no_configuration', NO_CONFIGURATION);
      return result.ok ? sendLong(reply, result.answer) : sendProblem(reply, 400, 'invalid', result.fault);
    },
  );
}

function unknown(reply: Parameters<typeof sendProblem>[0]) {
  return sendProblem(reply, 404, 'unknown_incident', 'No predicted incident has this id.');
}
