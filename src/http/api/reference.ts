import { Type } from 'typebox';
import { CAUSES } from '../../core/diagnose/causes.ts';
import { describeCause } from '../../core/explain/causeJson.ts';
import { CauseId, Party } from '../../core/explain/explanationSchema.ts';
import { type ApiServer, answer, oneOf, problems, text } from './apiSchema.ts';

/** The steps of the setup. Their ids are public. */
const SETUP_STEPS = [
  'jambonz_webhook_seen',
  'jambonz_signature_valid',
  'livekit_snapshot_read',
  'livekit_webhook_seen',
  'sbc_addresses_set',
  'sip_host_set',
  'api_token_set',
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

const CauseSchema = Type.Object(
  {
    id: CauseId,
    title: Type.String(),
    party: Party,
    fix: text('What to do.'),
    confidence: Type.Object(
      {
        certain: Type.Optional(Type.String()),
        likely: Type.Optional(Type.String()),
        possible: Type.Optional(Type.String()),
      },
      { description: 'When each confidence level applies. A missing level is never given.' },
    ),
    runbook: Type.Object({
      meaning: text('What the cause means, as plain text.'),
      impact: text('Affected calls and what callers notice, in Markdown.'),
      diagnosis: Type.Array(Type.String(), { description: 'Steps to investigate, in Markdown.' }),
      mitigation: Type.Array(Type.String(), {
        description: 'Steps to fix it, in Markdown. The last step verifies the fix.',
      }),
    }),
  },
  { title: 'Cause', description: 'A cause of failed calls.' },
);

const Step = Type.Object(
  {
    id: oneOf(SETUP_STEPS, 'Setup step.'),
    title: Type.String(),
    done: Type.Boolean(),
    detail: text('Current state.'),
    how: text('How to complete the step.'),
  },
  {
    title: 'SetupStep',
    examples: [
      {
        id: 'sbc_addresses_set',
        title: 'SBC addresses',
        done: false,
        detail: 'JAMBONZ_SBC_ADDRESSES is not set.',
        how: 'Set JAMBONZ_SBC_ADDRESSES to the addresses that your SBCs send from.',
      },
    ],
    description: 'A step that connects Jambonz or LiveKit.',
  },
);

/** Answers that don't depend on a call: the causes, and the state of the setup. */
export function referenceRoutes(app: ApiServer, routes: ReferenceRoutes): void {
  app.get(
    '/causes',
    {
      schema: {
        operationId: 'listCauses',
        summary: 'List all causes',
        description: 'Each with its owner, its runbook, and when it is certain.',
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
        summary: 'Get the setup state of Jambonz and LiveKit',
        description: 'The steps that connect both, each with its state and what to do.',
        tags: ['reference'],
        response: { 200: answer(Type.Object({ steps: Type.Array(Step) })), ...problems(401, 503) },
      },
    },
    async () => ({ steps: await routes.setup() }),
  );
}
