import type { Logger } from 'pino';
import type { DoorRules } from '../http/door/doors.ts';
import { Occasion } from '../loop/occasion.ts';
import type { DoorMetrics } from '../metrics/doorMetrics.ts';
import type { AccessSettings } from '../settings/accessSettings.ts';

/** The most characters of a foreign name that are logged. */
const NAME_LENGTH = 100;

/** Counts what the doors refuse, and logs what somebody may have to act on. */
export function doorRules({ isLoopback, hostNames }: AccessSettings, metrics: DoorMetrics, logger: Logger): DoorRules {
  const wrongToken = new Occasion(logger, 'warn', 'a request with a wrong token');
  const foreignHost = new Occasion(
    logger,
    'warn',
    'a request for a foreign name was refused: if it is a name of sipwhy or of a proxy in front of it, add it to ALLOWED_HOSTS',
  );
  return {
    isLoopback,
    hostNames,
    onAuthFailure(door, failure, address) {
      metrics.unauthorised(door, failure);
      if (failure === 'wrong') wrongToken.met({ door, address });
    },
    onRefused(reason, host) {
      metrics.refused(reason);
      if (reason === 'foreign_host') foreignHost.met({ host: host?.slice(0, NAME_LENGTH) });
    },
  };
}
