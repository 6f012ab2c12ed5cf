import type { Logger } from 'pino';
import { Condition } from '../condition.ts';
import type { ForwardMetrics, ForwardTarget } from '../record/forwardMetrics.ts';

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
    `${variable} does not answer; it is left alone for a while, and tried again`,
    `${variable} answers again`,
    'warn',
  );
  return (isOpen) => {
    metrics.circuit(target, isOpen);
    if (isOpen) condition.met();
    else condition.over();
  };
}
