import { Type } from 'typebox';
import { QuestionBody, readQuestions } from '../../core/check/readQuestions.ts';
import type { Question } from '../../core/diagnose/question.ts';
import { CauseId, Evidence, Fix } from '../../core/explain/explanationSchema.ts';
import { sendProblem } from '../problem.ts';
import { type ApiServer, answer, nullable, oneOf, problems } from './apiSchema.ts';
import { Match } from './callSchema.ts';
import { NO_CONFIGURATION } from './trunkRoutes.ts';

export interface CheckRoutes {
  /** Whether calls would connect; `undefined` while LiveKit's trunks and rules are not known. */
  check(questions: readonly Question[]): Promise<readonly object[] | undefined>;
}

const Checked = Type.Object({
  to: Type.String(),
  would_connect: nullable(Type.Boolean({ description: 'null: it depends on what is not known.' })),
  stages: Type.Array(
    Type.Object({
      stage: oneOf(['host', 'trunk', 'auth', 'dispatch'], 'In the order in which LiveKit goes through them.'),
      verdict: oneOf(['pass', 'fail', 'unknown'], 'unknown: it depends on what is not known.'),
      detail: Type.String(),
    }),
  ),
  blocking: Type.Array(CauseId),
  latent: Type.Array(CauseId),
  findings: Type.Array(Type.String()),
  evidence: Type.Array(Evidence),
  fixes: Type.Array(Fix),
  unknowns: Type.Array(Type.String()),
  trace: Match,
});

/** Whether a call would connect, before it is made. */
export function checkRoutes(app: ApiServer, routes: CheckRoutes): void {
  app.post(
    '/check',
    {
      // The body is checked by readQuestions, with the same schema: nothing in it may be converted.
      validatorCompiler: () => () => true,
      schema: {
        operationId: 'check',
        summary: 'Would this call connect?',
        tags: ['check'],
        body: QuestionBody,
        response: {
          200: answer(Type.Object({ answers: Type.Array(Checked, { description: 'One for each target.' }) })),
          ...problems(400, 401, 503),
        },
      },
    },
    async (request, reply) => {
      const reading = readQuestions(request.body);
      if (!reading.ok) return sendProblem(reply, 400, 'invalid', reading.fault);
      const answers = await routes.check(reading.questions);
      return answers ? { answers } : sendProblem(reply, 503, 'no_configuration', NO_CONFIGURATION);
    },
  );
}
