import type { Logger } from 'pino';
import type { ForwardedRequest } from '../forward/application.ts';
import { askForVerbs, type Verbs } from '../forward/verbs.ts';
import { Condition } from '../loop/condition.ts';
import type { ForwardMetrics, ForwardTarget } from '../metrics/forwardMetrics.ts';
import type { Settings } from '../settings/settings.ts';

/** How many dial hooks are forwarded at once. A further one waits, within the timeout. */
const CONNECTIONS = 128;

/** Forwards dial hooks to the operator's own application. A caller waits for its verbs. */
export interface DialForwarding {
  /** Resolves to the application's verbs, or to the fallback. Never rejects. */
  askForVerbs(request: ForwardedRequest): Promise<Verbs['answer']>;
  close(): Promise<void>;
}

/**
 * Resolves to `undefined` if DIAL_ACTION_FORWARD_URL is not set; then the HTTP client isn’t loaded either. `instance` names
 * this process in the Via header.
 */
export async function startDialForwarding(
  { forward: { dialAction } }: Settings,
  instance: string,
  metrics: ForwardMetrics,
  logger: Logger,
): Promise<DialForwarding | undefined> {
  if (!dialAction) return undefined;
  const { Application } = await import('../forward/application.ts');
  const { url, timeoutMs, fallback } = dialAction;
  const onCircuit = watchCircuit('dial_action', metrics, logger);
  const application = new Application(url, { timeoutMs, connections: CONNECTIONS, instance, onCircuit });
  return {
    async askForVerbs(request) {
      const began = performance.now();
      const { result, answer } = await askForVerbs(application, request, fallback);
      metrics.request('dial_action', result, (performance.now() - began) / 1000);
      return answer;
    },
    close: () => application.close(),
  };
}

const VARIABLES: Record<ForwardTarget, string> = {
  dial_action: 'DIAL_ACTION_FORWARD_URL',
  call_status: 'CALL_STATUS_FORWARD_URL',
};

/** Reports to the metrics and the log whether requests to an application are paused. */
export function watchCircuit(
  target: ForwardTarget,
  metrics: Pick<ForwardMetrics, 'circuit'>,
  logger: Logger,
): (isOpen: boolean) => void {
  const variable = VARIABLES[target];
  const condition = new Condition(
    logger,
    `${variable} does not answer; pausing requests to it before the next try`,
    `${variable} answers again`,
    'warn',
  );
  return (isOpen) => {
    metrics.circuit(target, isOpen);
    if (isOpen) condition.met();
    else condition.over();
  };
}
