import { counter, gauge, histogram, type MetricRegistry, observed } from './instruments.ts';

/** Results of a forwarded webhook. Only a dial hook, which a caller waits for, can have all of them. */
const RESULTS = {
  dial_action: ['ok', 'timeout', 'refused', 'error_status', 'invalid_body', 'circuit_open'],
  call_status: ['ok', 'timeout', 'refused', 'error_status'],
} as const;
export type ForwardTarget = keyof typeof RESULTS;

/** Why an event is no longer forwarded. */
const GIVEN_UP = ['rejected', 'expired'] as const;

/** Webhooks forwarded to the operator's application. */
export class ForwardMetrics {
  readonly #requests;
  readonly #seconds;
  readonly #isOpen;
  readonly #early;
  readonly #givenUp;

  /** `backlog` is called at each scrape. */
  constructor(registry: MetricRegistry, backlog: () => number | undefined) {
    this.#requests = counter(
      registry,
      'sipwhy_forward_requests_total',
      'Webhooks forwarded to the operator’s application, by result. A dial hook with any result but ok got the fallback answer.',
      [
        { target: ['dial_action'], result: RESULTS.dial_action },
        { target: ['call_status'], result: RESULTS.call_status },
      ],
    );
    this.#seconds = histogram(
      registry,
      'sipwhy_forward_duration_seconds',
      'Response time of the operator’s application, including failed requests.',
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      [{ target: ['dial_action', 'call_status'] }],
    );
    this.#isOpen = gauge(
      registry,
      'sipwhy_forward_circuit_open',
      'Whether forwarding is paused because the operator’s application kept failing to answer (1) or not (0).',
      [{ target: ['dial_action', 'call_status'] }],
    );
    this.#early = counter(
      registry,
      'sipwhy_dial_answers_before_journal_total',
      'Dial hooks answered with the application’s verbs before their event was on disk, because the disk was slow.',
    );
    this.#givenUp = counter(
      registry,
      'sipwhy_forward_given_up_events_total',
      'Events dropped from forwarding because the operator’s status hook rejected them (rejected) or they waited too long (expired).',
      [{ reason: GIVEN_UP }],
    );
    observed(
      registry,
      'sipwhy_forward_backlog_events',
      'Events waiting to be forwarded to the operator’s status hook. Absent if no status hook is set.',
      backlog,
    );
    for (const target of ['dial_action', 'call_status'] as const) this.circuit(target, false);
  }

  request<T extends ForwardTarget>(target: T, result: (typeof RESULTS)[T][number], seconds: number): void {
    this.#requests.inc({ target, result });
    // With the circuit open no request was sent, so there is no response time.
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
