import type { Logger } from 'pino';
import { Application, type ForwardedRequest } from '../forward/application.ts';
import { askForVerbs, type Verbs } from '../forward/verbs.ts';
import { Condition } from '../loop/condition.ts';
import type { ForwardMetrics, ForwardTarget } from '../metrics/forwardMetrics.ts';
import type { Settings } from '../settings/settings.ts';

/** Dial hooks at once; a further one waits its turn, within the timeout. */
const CONNECTIONS = 128;

/** Passes dial hooks on to the operator's own application, whose verbs a caller waits for. */
export interface DialForwarding {
  /** The application's verbs, or the fallback's. Never rejects. */
  askForVerbs(request: ForwardedRequest): Promise<Verbs['answer']>;
  close(): Promise<void>;
}

/** `undefined` where dial hooks are not passed on. `instance` names this process in the Via header. */
export function startDialForwarding(
  { forward: { dialAction } }: Settings,
  instance: string,
  metrics: ForwardMetrics,
  logger: Logger,
): DialForwarding | undefined {
  if (!dialAction) return undefined;
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

/** Tells metrics and log whether an application is left alone for a while. */
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
