import { Type } from 'typebox';
import type { Cause } from '../../core/diagnose/cause.ts';
import { CAUSES } from '../../core/diagnose/causes.ts';
import { CauseId, Party } from '../../core/explain/explanationSchema.ts';
import { type ApiServer, answer, oneOf, problems, text } from './apiSchema.ts';

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
  setup(): Promise<
    readonly {
      readonly id: (typeof SETUP_STEPS)[number];
      readonly title: string;
      readonly done: boolean;
      readonly detail: string;
      readonly how: string;
    }[]
  >;
}

const CauseSchema = Type.Object({
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

/** What the API says of a cause. Keys are public. */
export function describeCause({ id, title, party, fix, confidence, runbook }: Cause) {
  return { id, title, party, fix, confidence, runbook };
}

/** What is the same for every call: causes, and how far the service is set up. */
export function referenceRoutes(app: ApiServer, routes: ReferenceRoutes): void {
  app.get(
    '/causes',
    {
      schema: {
        operationId: 'listCauses',
        summary: 'Every cause there is',
        tags: ['reference'],
        response: { 200: answer(Type.Object({ causes: Type.Array(CauseSchema) })), ...problems(401, 503) },
      },
    },
    async () => ({ causes: CAUSES.map(describeCause) }),
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
}
