import { type Static, Type } from 'typebox';
import { isSameToken, tooManyWrong, type WrongTokens } from '../door/lock.ts';
import { endOfSession, type Sessions } from '../door/sessions.ts';
import { sendProblem } from '../problem.ts';
import { type ApiServer, answer, problems } from './apiSchema.ts';

interface SessionRoutes {
  readonly apiToken: string | undefined;
  readonly sessions: Sessions | undefined;
  readonly wrongTokens: WrongTokens;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route needs no token, or takes it itself. */
    readonly isOpen?: boolean;
  }
}

const SignIn = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: 4096, description: 'API_TOKEN.' }) },
  { additionalProperties: false },
);

const Session = answer(
  Type.Object({
    signed_in: Type.Boolean({ description: 'Whether the browser has a session. A Bearer token is none.' }),
  }),
);

/** Signing in to the page and out of it. The cookie is out of reach of scripts, and no other website can send it. */
export function sessionRoutes(app: ApiServer, { apiToken, sessions, wrongTokens }: SessionRoutes): void {
  app.post<{ Body: Static<typeof SignIn> }>(
    '/session',
    {
      config: { isOpen: true },
      schema: {
        operationId: 'signIn',
        summary: 'Sign in with API_TOKEN, for 24 hours; answers with a cookie',
        description: 'For the page. The cookie is HttpOnly and SameSite.',
        tags: ['session'],
        security: [],
        body: SignIn,
        response: { 200: Session, ...problems(400, 401, 404, 415, 503) },
      },
    },
    async (request, reply) => {
      if (apiToken === undefined || !sessions) {
        return sendProblem(reply, 404, 'no_sessions', 'API_TOKEN isn’t set, so nobody has to sign in.');
      }
      if (isSameToken(request.body.token, apiToken)) {
        reply.header('set-cookie', sessions.begin(request));
        return { signed_in: true };
      }
      if (!(await wrongTokens.wrong('session', request))) return tooManyWrong(reply);
      return sendProblem(reply, 401, 'wrong_token', 'The token is wrong. It must be the service’s API_TOKEN.');
    },
  );
  app.get(
    '/session',
    {
      schema: {
        operationId: 'getSession',
        summary: 'Get whether this browser is signed in',
        description: 'Needs the session or the token, like every other route.',
        tags: ['session'],
        response: { 200: Session, ...problems(401, 503) },
      },
    },
    async (request) => ({ signed_in: sessions?.has(request) ?? false }),
  );
  app.delete(
    '/session',
    {
      schema: {
        operationId: 'signOut',
        summary: 'Sign out; removes the cookie',
        description: 'A session also ends when API_TOKEN changes.',
        tags: ['session'],
        response: { 200: Session, ...problems(401, 503) },
      },
    },
    async (request, reply) => {
      reply.header('set-cookie', endOfSession(request));
      return { signed_in: false };
    },
  );
}
