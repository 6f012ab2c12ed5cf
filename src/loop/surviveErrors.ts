import type { Logger } from 'pino';
import { Occasion } from './occasion.ts';

/**
 * Keeps this thread up when a socket, a timer or a callback throws where nothing catches it. Otherwise one peer could
 * end the service as often as it likes. Nothing is lost by going on: webhooks are in the journal before they are
 * acknowledged, calls are in the store, and a loop whose turn failed runs again.
 */
export function surviveErrors(logger: Logger, onError: () => void): void {
  const occasion = new Occasion(logger, 'error', 'an unexpected error outside of a request: continuing');
  const survive = (err: unknown) => {
    onError();
    occasion.met({ err });
  };
  process.on('uncaughtException', survive);
  process.on('unhandledRejection', survive);
}
