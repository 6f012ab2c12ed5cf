import { counter, gauge, histogram, type MetricRegistry, observed } from './instruments.ts';

/** What became of a webhook that was passed on. Only a dial hook, which a caller waits for, has all of them. */
const RESULTS = {
  dial_action: ['ok', 'timeout', 'refused', 'error_status', 'invalid_body', 'circuit_open'],
  call_status: ['ok', 'timeout', 'refused', 'error_status'],
} as const;
export type ForwardTarget = keyof typeof RESULTS;

/** Why an event will not be passed on any more. */
const GIVEN_UP = ['rejected', 'expired'] as const;

/** Webhooks that are passed on to the operator's own application. */
export class ForwardMetrics {
  readonly #requests;
  readonly #seconds;
  readonly #isOpen;
  readonly #early;
  readonly #givenUp;

  /** `backlog` is asked at each scrape. */
  constructor(registry: MetricRegistry, backlog: () => number | undefined) {
    this.#requests = counter(
      registry,
      'sipwhy_forward_requests_total',
      'Webhooks passed on to the operator’s application, by what became of them; a dial hook that is not ok was answered with the fallback.',
      [
        { target: ['dial_action'], result: RESULTS.dial_action },
        { target: ['call_status'], result: RESULTS.call_status },
      ],
    );
    this.#seconds = histogram(
      registry,
      'sipwhy_forward_duration_seconds',
      'How long the operator’s application took, failures included.',
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      [{ target: ['dial_action', 'call_status'] }],
    );
    this.#isOpen = gauge(
      registry,
      'sipwhy_forward_circuit_open',
      'Whether the operator’s application was silent so often that it is left alone for a while: 1 or 0.',
      [{ target: ['dial_action', 'call_status'] }],
    );
    this.#early = counter(
      registry,
      'sipwhy_dial_answers_before_journal_total',
      'Dial hooks that were answered with the application’s verbs before their event was on disk, since the disk was slow.',
    );
    this.#givenUp = counter(
      registry,
      'sipwhy_forward_given_up_events_total',
      'Events that the operator’s status hook will not get: it rejected them, or they waited too long.',
      [{ reason: GIVEN_UP }],
    );
    observed(
      registry,
      'sipwhy_forward_backlog_events',
      'Events that are still to be passed on to the operator’s status hook; absent where there is none.',
      backlog,
    );
    for (const target of ['dial_action', 'call_status'] as const) this.circuit(target, false);
  }

  request<T extends ForwardTarget>(target: T, result: (typeof RESULTS)[T][number], seconds: number): void {
    this.#requests.inc({ target, result });
    // What was not asked took no time, and says nothing of the application.
    if (result !== 'circuit_open') this.#seconds.observe({ target }, seconds);
  }

  circuit(target: ForwardTarget, isOpen: boolean): void {
    this.#isOpen.set({ target }, isOpen ? 1 : 0);
  }

  answeredEarly(): void {
    this.#early.inc();
  }

  givenUp(reason: (typeof GIVEN_UP)[number]): void {
    this.#givenUp.inc({ reason });
  }
}
