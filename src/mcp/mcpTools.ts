import { type Static, type TObject, Type } from 'typebox';
import { causeOf } from '../core/diagnose/causeOf.ts';
import { CAUSES } from '../core/diagnose/causes.ts';
import { describeCause } from '../core/explain/causeJson.ts';
import { maskInSteps } from '../core/explain/mask.ts';
import { callMarkdown } from '../core/explain/ticket/ticketMarkdown.ts';
import type { CallWithEffects } from '../core/explain/withEffects.ts';
import { inSlices } from '../loop/slices.ts';
import type { AskApi } from './askApi.ts';
import { askForCalls } from './askForCalls.ts';

export interface ToolContext {
  readonly ask: AskApi;
  /** Whether telephone numbers are shown in full. */
  readonly showsNumbers: boolean;
}

/** A question that a language model may ask. All of them only read. */
export interface McpTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: TObject;
  /** The answer as JSON, or as text. Arguments fit `input`. */
  run(context: ToolContext, args: Readonly<Record<string, never>>): Promise<unknown>;
}

const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'At most so many. Default: 20.' }));
const Since = Type.Optional(Type.String({ description: 'A time in ISO 8601, or how long ago, such as -1h or -7d.' }));
const Several = (what: string) => Type.Optional(Type.String({ description: `${what} Several: comma-separated.` }));
const Text = Type.Optional(
  Type.String({
    minLength: 1,
    description: 'call_sid of any leg or its beginning, SIP Call-ID, or digits of a number.',
  }),
);
const NOTHING = { answer: 'There is none. Check the id, or list what there is.' };
const DEFAULT_LIMIT = 20;

function tool<T extends TObject>(
  name: string,
  title: string,
  description: string,
  input: T,
  run: (context: ToolContext, args: Static<T>) => Promise<unknown>,
): McpTool {
  // The cast: arguments are checked against the same schema first.
  return { name, title, description, input, run: (context, args) => run(context, args as Static<T>) };
}

const closed = { additionalProperties: false } as const;

export const MCP_TOOLS: readonly McpTool[] = [
  tool(
    'list_incidents',
    'List incidents',
    'Failed calls grouped by cause and trunk, those that concern most calls first: since when, how many calls, whose fault, and the fix.',
    Type.Object(
      {
        state: Type.Optional(Type.Enum(['open', 'closed', 'all'], { description: 'Default: open.' })),
        cause: Several('Cause id.'),
        trunk: Several('LiveKit’s trunk id.'),
        status: Several('Status of the final SIP response of one of its calls.'),
        q: Text,
        since: Since,
        until: Since,
        limit: Limit,
      },
      closed,
    ),
    async ({ ask }, { state = 'open', limit = DEFAULT_LIMIT, ...filter }) =>
      ask('/incidents', { ...filter, state, limit }),
  ),
  tool(
    'explain_call',
    'Explain a call',
    'Why a call failed: every cause with its evidence and fix, who must act, the SIP ladder, and LiveKit’s matching.',
    Type.Object({ call_sid: Type.String({ minLength: 1, description: 'call_sid of any leg of the call.' }) }, closed),
    async ({ ask, showsNumbers }, { call_sid }) => {
      // The cast: the API describes its answers so.
      const call = (await ask(`/calls/${encodeURIComponent(call_sid)}`)) as CallWithEffects | undefined;
      return call && callMarkdown(showsNumbers ? call : await inSlices(maskInSteps(call)));
    },
  ),
  tool(
    'search_calls',
    'Search calls',
    'Call attempts by outcome, cause, trunk, SIP status, number or time, the latest first. All filters must match.',
    Type.Object(
      {
        outcome: Several('connected, failed, dropped or not_counted.'),
        cause: Several('Cause id.'),
        party: Several('Owner of the cause.'),
        trunk: Several('LiveKit’s trunk id.'),
        status: Several('Status of the final SIP response.'),
        number: Type.Optional(Type.String({ description: 'Digits of the caller’s or the called number.' })),
        q: Text,
        since: Since,
        until: Since,
        limit: Limit,
      },
      closed,
    ),
    async ({ ask }, { limit = DEFAULT_LIMIT, ...filter }) => askForCalls(ask, { ...filter, limit, fields: 'summary' }),
  ),
  tool(
    'check_call',
    'Check a call',
    'Would this call connect? Runs LiveKit’s matching without placing a call, and shows every fault with its fix.',
    Type.Object(
      {
        to: Type.Optional(Type.String({ minLength: 1, description: 'The dialled SIP URI, or only its user part.' })),
        dial: Type.Optional(Type.Unknown({ description: 'A Jambonz dial verb, instead of `to`.' })),
        caller: Type.Optional(Type.String({ description: 'The caller’s number as LiveKit sees it.' })),
        source: Type.Optional(Type.String({ description: 'Source address of the INVITE.' })),
        auth_username: Type.Optional(
          Type.Union([Type.String(), Type.Literal(false)], { description: 'false if no credentials are sent.' }),
        ),
        srtp: Type.Optional(Type.Boolean({ description: 'Whether the call offers SRTP.' })),
      },
      closed,
    ),
    async ({ ask }, question) => ask('/check', {}, question),
  ),
  tool(
    'audit',
    'Audit the configuration',
    'LiveKit’s inbound trunks and dispatch rules, and the problems in them, each with its fix.',
    Type.Object({}, closed),
    async ({ ask }) => ask('/trunks'),
  ),
  tool(
    'causes',
    'Describe causes',
    'What a cause means, who must act, and its runbook; without an id, all causes in a line each.',
    Type.Object({ id: Type.Optional(Type.String({ description: 'Cause id.' })) }, closed),
    async (_, { id }) => {
      if (id === undefined) return CAUSES.map((cause) => ({ id: cause.id, title: cause.title, party: cause.party }));
      const cause = causeOf(id);
      return cause && describeCause(cause);
    },
  ),
];

/** What a tool answers, as text, with numbers masked unless they may be shown. */
export async function runTool(tool: McpTool, context: ToolContext, args: object): Promise<string> {
  const answer = (await tool.run(context, args as Readonly<Record<string, never>>)) ?? NOTHING;
  if (typeof answer === 'string') return answer;
  return JSON.stringify(context.showsNumbers ? answer : await inSlices(maskInSteps(answer)));
}
