import { type Static, Type } from 'typebox';
import { CauseId, Party } from './explanationSchema.ts';
import { type ApiServer, answer, count, oneOf, problems, text } from './schema.ts';

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
  /** The measured quality of the diagnosis. */
  accuracy(): AccuracyFigures;
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

const FIGURES = {
  cases: count('How many cases, whose truth is known from how they were made.'),
  top_cause: count('Of how many the first cause is the right one.'),
  exact_set: count('Of how many the blocking causes are the right ones, and no other.'),
  abstentions: count('Of how many nothing is said.'),
  wrong_and_certain: count('Of how many something wrong is said to be certain.'),
};

const Accuracy = Type.Object(
  {
    ...FIGURES,
    per_cause: Type.Array(Type.Object({ cause: text('A cause, or none for calls that connect.'), ...FIGURES })),
    per_group: Type.Array(Type.Object({ group: text('How they were made, and what is known of them.'), ...FIGURES })),
  },
  { description: 'How often the diagnosis is right.' },
);

export type AccuracyFigures = Static<typeof Accuracy>;

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
        response: { 200: answer(Accuracy), ...problems(401, 503) },
      },
    },
    async () => routes.accuracy(),
  );
}
