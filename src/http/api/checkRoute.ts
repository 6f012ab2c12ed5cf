import { Type } from 'typebox';
import { QuestionBody, readQuestions } from '../../core/check/readQuestions.ts';
import type { Question } from '../../core/diagnose/question.ts';
import { CauseId, Evidence, Fix } from '../../core/explain/explanationSchema.ts';
import { sendProblem } from '../problem.ts';
import { type ApiServer, answer, nullable, oneOf, problems } from './apiSchema.ts';
import { Match } from './callSchema.ts';
import { sendLong } from './longAnswer.ts';
import { NO_CONFIGURATION } from './trunkRoutes.ts';

export interface CheckRoutes {
  /** Carriers of Jambonz that are LiveKit (JAMBONZ_LIVEKIT_CARRIERS). */
  readonly carriers: readonly string[];
  /** Whether calls would connect; `undefined` while LiveKit's trunks and rules are unknown. */
  check(questions: readonly Question[]): Promise<readonly object[] | undefined>;
}

const Checked = Type.Object(
  {
    to: Type.String(),
    would_connect: nullable(Type.Boolean({ description: 'null: it depends on a value that isn’t known.' })),
    stages: Type.Array(
      Type.Object({
        stage: oneOf(
          ['host', 'trunk', 'auth', 'dispatch', 'media'],
          'Stage, in the order in which LiveKit checks them.',
        ),
        verdict: oneOf(['pass', 'fail', 'unknown'], 'unknown: it depends on a value that isn’t known.'),
        detail: Type.String(),
      }),
    ),
    blocking: Type.Array(CauseId),
    latent: Type.Array(CauseId),
    findings: Type.Array(Type.String()),
    evidence: Type.Array(Evidence),
    fixes: Type.Array(Fix),
    unknowns: Type.Array(Type.String()),
    notes: Type.Array(Type.String(), {
      description: 'What does not stop the call, but is worth knowing about the dial verb or createCall body.',
    }),
    trace: Match,
  },
  { title: 'CheckAnswer', description: 'Whether a call would connect, and what would stop it.' },
);

/** Checks whether a call would connect, before it is made. */
export function checkRoutes(app: ApiServer, routes: CheckRoutes): void {
  app.post(
    '/check',
    {
      // readQuestions validates the body with the same schema, because Ajv would convert values.
      validatorCompiler: () => () => true,
      schema: {
        operationId: 'check',
        summary: 'Check whether a call would connect',
        description: 'Runs LiveKit’s matching without placing a call, and shows every fault at once with its fix.',
        tags: ['check'],
        body: QuestionBody,
        response: {
          200: answer(Type.Object({ answers: Type.Array(Checked, { description: 'One answer for each target.' }) })),
          ...problems(400, 401, 415, 503),
        },
      },
    },
    async (request, reply) => {
      const reading = readQuestions(request.body, routes.carriers);
      if (!reading.ok) return sendProblem(reply, 400, 'invalid', reading.fault);
      const answers = await routes.check(reading.questions);
      if (!answers) return sendProblem(reply, 503, 'no_configuration', NO_CONFIGURATION);
      return sendLong(reply, { answers });
    },
  );
}
