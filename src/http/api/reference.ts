import { Type } from 'typebox';
import { sendProblem } from '../problem.ts';
import { CauseId, Party } from './explanationSchema.ts';
import { type ApiServer, answer, nullable, oneOf, problems, text } from './schema.ts';

/** What there is to set up; ids are public. */
export const SETUP_STEPS = [
  'jambonz_webhook_seen',
  'jambonz_signature_valid',
  'livekit_snapshot_read',
  'livekit_webhook_seen',
  'sbc_addresses_set',
  'sip_host_set',
] as const;

export interface ReferenceRoutes {
  causes(): readonly object[];
  setup(): Promise<
    readonly {
      readonly id: (typeof SETUP_STEPS)[number];
      readonly title: string;
      readonly done: boolean;
      readonly detail: string;
      readonly how: string;
    }[]
  >;
  /** The measured quality of the diagnosis; `undefined` where this build has no figures. */
  accuracy(): Promise<object | undefined>;
}

const Cause = Type.Object({
  id: CauseId,
  title: Type.String(),
  party: Party,
  fix: text('What to do, in one sentence.'),
  confidence: Type.Object(
    {
      certain: Type.Optional(Type.String()),
      likely: Type.Optional(Type.String()),
      possible: Type.Optional(Type.String()),
    },
    { description: 'When each level is given; a level that is not here is never given.' },
  ),
  runbook: Type.Object({
    meaning: text('What it means, as plain text.'),
    impact: text('Which calls are concerned, and what callers notice; Markdown, as what follows.'),
    diagnosis: Type.Array(Type.String(), { description: 'Steps that find out more.' }),
    mitigation: Type.Array(Type.String(), {
      description: 'Steps that mend it; the last one says how one sees that it worked.',
    }),
  }),
});

const Step = Type.Object({
  id: oneOf(SETUP_STEPS, 'Which step.'),
  title: Type.String(),
  done: Type.Boolean(),
  detail: text('What is so now.'),
  how: text('What to do.'),
});

/** The figures as `npm run accuracy` writes them; more keys may come. */
const Accuracy = Type.Object(
  {
    cases: nullable(Type.Number()),
    top_cause: nullable(Type.Number()),
    exact_set: nullable(Type.Number()),
    abstentions: nullable(Type.Number()),
    wrong_and_certain: nullable(Type.Number()),
    per_cause: Type.Array(Type.Object({}, { additionalProperties: true })),
  },
  { additionalProperties: true, description: 'How often the diagnosis is right, over cases whose truth is known.' },
);

/** What is the same for every call: causes, how far the service is set up, how good its diagnosis is. */
export function referenceRoutes(app: ApiServer, routes: ReferenceRoutes): void {
  app.get(
    '/causes',
    {
      schema: {
        operationId: 'listCauses',
        summary: 'Every cause there is',
        tags: ['reference'],
        response: { 200: answer(Type.Object({ causes: Type.Array(Cause) })), ...problems(401, 503) },
      },
    },
    async () => ({ causes: routes.causes() }),
  );
  app.get(
    '/setup',
    {
      schema: {
        operationId: 'getSetup',
        summary: 'How far Jambonz and LiveKit are connected',
        tags: ['reference'],
        response: { 200: answer(Type.Object({ steps: Type.Array(Step) })), ...problems(401, 503) },
      },
    },
    async () => ({ steps: await routes.setup() }),
  );
  app.get(
    '/accuracy',
    {
      schema: {
        operationId: 'getAccuracy',
        summary: 'How often the diagnosis is right',
        tags: ['reference'],
        response: { 200: answer(Accuracy), ...problems(401, 404, 503) },
      },
    },
    async (_request, reply) =>
      (await routes.accuracy()) ??
      sendProblem(reply, 404, 'no_figures', 'This build holds no figures; npm run accuracy measures them.'),
  );
}
