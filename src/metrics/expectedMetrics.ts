import { gauge, type MetricRegistry } from './instruments.ts';

/** As many as a file may have entries. */
const MOST_NAMES = 1_000;

/** The calls of EXPECTED_CALLS_FILE, as last judged. */
export class ExpectedMetrics {
  readonly #ok;
  readonly #calls;
  #names: ReadonlySet<string> = new Set();

  constructor(registry: MetricRegistry) {
    this.#ok = gauge(
      registry,
      'sipwhy_expected_call_ok',
      'Whether an entry of EXPECTED_CALLS_FILE, with all of its callers, does what the file expects (1) or not (0).',
      [{ name: { what: 'names in EXPECTED_CALLS_FILE', atMost: MOST_NAMES } }],
    );
    this.#calls = gauge(
      registry,
      'sipwhy_expected_calls',
      'Calls of EXPECTED_CALLS_FILE, by whether they do what the file expects.',
      [{ result: ['pass', 'fail'] }],
    );
    this.judged([]);
  }

  /** Takes the place of what was judged before. Each caller of an entry is a call with its name. */
  judged(calls: readonly { readonly name: string; readonly ok: boolean }[]): void {
    const before = this.#names;
    const failing = new Set(calls.filter(({ ok }) => !ok).map(({ name }) => name));
    this.#names = new Set(calls.map(({ name }) => name));
    for (const name of before) if (!this.#names.has(name)) this.#ok.remove({ name });
    for (const name of this.#names) this.#ok.set({ name }, failing.has(name) ? 0 : 1);
    const passes = calls.filter(({ ok }) => ok).length;
    this.#calls.set({ result: 'pass' }, passes);
    this.#calls.set({ result: 'fail' }, calls.length - passes);
  }
}
