import { Type } from 'typebox';
import { type ApiServer, answer, nullable, problems, text, time } from './apiSchema.ts';

export interface ExpectedRoutes {
  /** The calls of EXPECTED_CALLS_FILE as last judged, as JSON text. */
  expectedCalls(): Promise<Uint8Array>;
}

const ExpectedCall = Type.Object(
  {
    name: text('The entry’s name in the file. Each caller of a list is a call of its own, with the same name.'),
    to: text('The called number or SIP URI, as in the file.'),
    from: nullable(text('The caller, as in the file; null if any caller may call.')),
    ok: Type.Boolean({ description: 'Whether the call would do what the file expects.' }),
    expected: Type.Array(Type.String(), { description: 'What the file expects.' }),
    got: Type.Array(Type.String(), { description: 'What the call would do.' }),
    causes: Type.Array(Type.String(), { description: 'Ids of the causes that would refuse it.' }),
    why: nullable(text('Why it would not do what the file expects; null if it would.')),
  },
  { title: 'ExpectedCall', description: 'A call that must connect, or must not, as it would do now.' },
);

export const ExpectedCalls = Type.Object(
  {
    calls: Type.Array(ExpectedCall),
    checked_at: nullable(time('When the calls were last judged; null while LiveKit’s configuration is unknown.')),
    file: nullable(text('EXPECTED_CALLS_FILE; null if it isn’t set.')),
  },
  { title: 'ExpectedCalls', description: 'The calls of EXPECTED_CALLS_FILE.' },
);

/** The calls that must connect, or must not. */
export function expectedRoute(app: ApiServer, routes: ExpectedRoutes): void {
  app.get(
    '/expected-calls',
    {
      schema: {
        operationId: 'getExpectedCalls',
        summary: 'Get the calls of EXPECTED_CALLS_FILE with what they would do',
        description:
          'As judged at the latest version of the file and of LiveKit’s configuration. Without EXPECTED_CALLS_FILE the list is empty.',
        tags: ['trunks'],
        response: { 200: answer(ExpectedCalls), ...problems(401, 503) },
      },
    },
    async (_request, reply) => {
      const { buffer, byteOffset, byteLength } = await routes.expectedCalls();
      return reply.type('application/json; charset=utf-8').send(Buffer.from(buffer, byteOffset, byteLength));
    },
  );
}
