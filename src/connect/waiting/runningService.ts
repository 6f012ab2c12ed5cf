import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { readJson } from '../../files/jsonText.ts';
import { ask, type RequestLimits } from '../boundedRequest.ts';

/** `/metrics` has tens of thousands of lines with many trunks. */
const LIMITS: RequestLimits = { answerMs: 5_000, bytes: 32 * 1024 * 1024 };

const STEP = Type.Object({ id: Type.String(), done: Type.Boolean(), detail: Type.String() });
const setupForm = Compile(Type.Object({ steps: Type.Array(STEP) }));
export type SetupStep = Static<typeof STEP>;

/** What a running sipwhy says of itself. */
export type ServiceState =
  /** Nothing answers, or something else does. */
  | { readonly kind: 'unreachable'; readonly fault: string }
  /** It answers, and refuses the token. */
  | { readonly kind: 'unauthorised' }
  | {
      readonly kind: 'running';
      readonly steps: readonly SetupStep[];
      /** Call statuses by result; `undefined` if `/metrics` can't be read. */
      readonly statuses: ReadonlyMap<string, number> | undefined;
      /** Whether it forwards statuses to an application; `undefined` if `/metrics` can't be read. */
      readonly forwards: boolean | undefined;
      /** When its process started, in epoch milliseconds; `undefined` if `/metrics` can't be read. */
      readonly startedAt: number | undefined;
    };

export interface ServiceAccess {
  /** Where its API is. */
  readonly url: string;
  readonly apiToken: string | undefined;
  readonly metricsToken: string | undefined;
}

/** Never rejects. */
export async function stateOf({ url, apiToken, metricsToken }: ServiceAccess): Promise<ServiceState> {
  const base = url.replace(/\/+$/, '');
  const setup = await ask({ url: `${base}/api/v1/setup`, method: 'GET', token: apiToken }, LIMITS);
  if (!setup.ok) return { kind: 'unreachable', fault: setup.fault };
  const { status, text } = setup.answer;
  if (status === 401 || status === 403) return { kind: 'unauthorised' };
  if (status !== 200) return { kind: 'unreachable', fault: `it answered ${status}${remedyOf(status)}` };
  const json = readJson(text);
  if (!json.ok || !setupForm.Check(json.json)) return { kind: 'unreachable', fault: 'what answers is not sipwhy' };
  const metrics = await ask({ url: `${base}/metrics`, method: 'GET', token: metricsToken ?? apiToken }, LIMITS);
  const lines = metrics.ok && metrics.answer.status === 200 ? metrics.answer.text.split('\n') : undefined;
  return {
    kind: 'running',
    steps: json.json.steps,
    statuses: lines && statusesIn(lines),
    forwards: lines?.some((line) => line.startsWith('sipwhy_forward_backlog_events')),
    startedAt: lines && startIn(lines),
  };
}

const START = 'sipwhy_process_start_time_seconds ';

function startIn(lines: readonly string[]): number | undefined {
  const line = lines.find((one) => one.startsWith(START));
  return line === undefined ? undefined : Number(line.slice(START.length)) * 1000;
}

const SAMPLE = /^sipwhy_webhooks_total\{([^}]*)\} (\d+)/;

function statusesIn(lines: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const [, labels = '', count = ''] = SAMPLE.exec(line) ?? [];
    if (!labels.includes('source="jambonz"') || !labels.includes('event="call_status"')) continue;
    const result = /result="([a-z_]+)"/.exec(labels)?.[1];
    if (result !== undefined) counts.set(result, (counts.get(result) ?? 0) + Number(count));
  }
  return counts;
}

function remedyOf(status: number): string {
  if (status === 421) return '; add the name in this URL to ALLOWED_HOSTS of sipwhy';
  return status === 404 ? '; the path /api/v1/setup must reach sipwhy, also through a proxy' : '';
}
