import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { Application, type Passed } from './forward/application.ts';
import { hasPassed } from './forward/headers.ts';
import { askForVerbs, type Verbs } from './forward/verbs.ts';
import type { Metrics } from './record/metrics.ts';
import type { Settings } from './settings.ts';

/** Dial hooks at once; a further one waits its turn, within the timeout. */
const DIAL_CONNECTIONS = 128;

/** Passes webhooks on to the operator's own application, as far as that is configured. */
export class Forwarding {
  /** Names this process in the Via header, by which it knows a request that comes back. */
  readonly #instance = `sipwhy-${randomUUID()}`;
  readonly #metrics: Metrics;
  readonly #dial: { readonly application: Application; readonly fallback: readonly object[] } | undefined;

  constructor({ forward }: Settings, metrics: Metrics, logger: Logger) {
    this.#metrics = metrics;
    if (!forward.dialAction) return;
    const { url, timeoutMs, fallback } = forward.dialAction;
    let wasOpen = false;
    const onCircuit = (isOpen: boolean) => {
      metrics.forward.circuit('dial_action', isOpen);
      if (isOpen === wasOpen) return;
      wasOpen = isOpen;
      if (isOpen) logger.warn('DIAL_ACTION_FORWARD_URL does not answer: dial hooks get DIAL_ACTION_FALLBACK at once');
      else logger.info('DIAL_ACTION_FORWARD_URL answers again');
    };
    const application = new Application(url, {
      timeoutMs,
      connections: DIAL_CONNECTIONS,
      instance: this.#instance,
      onCircuit,
    });
    this.#dial = { application, fallback };
  }

  hasPassedHere(via: string | undefined): boolean {
    return hasPassed(this.#instance, via);
  }

  /** The application's verbs, or the fallback's; `undefined` where dial hooks are not passed on. */
  get askForVerbs(): ((request: Passed) => Promise<Verbs['answer']>) | undefined {
    if (!this.#dial) return undefined;
    const { application, fallback } = this.#dial;
    return async (request) => {
      const began = performance.now();
      const { result, answer } = await askForVerbs(application, request, fallback);
      this.#metrics.forward.request('dial_action', result, (performance.now() - began) / 1000);
      return answer;
    };
  }

  async close(): Promise<void> {
    await this.#dial?.application.close();
  }
}
