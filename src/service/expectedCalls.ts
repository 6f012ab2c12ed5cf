import { stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Site } from '../core/diagnose/facts/site.ts';
import type { ExpectedCall } from '../core/expected/expectedFile.ts';
import { type ExpectedResult, judgeExpected } from '../core/expected/judgeExpected.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { readExpectedCalls } from '../files/expectedCallsFile.ts';
import { Condition } from '../loop/condition.ts';
import { inSlices } from '../loop/slices.ts';
import type { Metrics } from '../metrics/metrics.ts';

interface ExpectedCallsParts {
  /** EXPECTED_CALLS_FILE. */
  readonly file: string;
  readonly site: Site;
  readonly metrics: Pick<Metrics, 'expected'>;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  now(): number;
}

/** How many names of failing calls a log line has. */
const NAMES_LOGGED = 10;

/** Judges the calls of EXPECTED_CALLS_FILE at each version of the file and of LiveKit's configuration. */
export class ExpectedCalls {
  readonly #parts: ExpectedCallsParts;
  readonly #condition: Condition;
  /** Of the file as last read, readable or not. */
  #stamp: string | undefined;
  #calls: readonly ExpectedCall[] = [];
  #snapshot: Snapshot | undefined;
  #judged: { readonly calls: readonly ExpectedCall[]; readonly snapshot: Snapshot } | undefined;
  #results: readonly ExpectedResult[] = [];
  #checkedAt: number | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: ExpectedCallsParts) {
    this.#parts = parts;
    this.#condition = new Condition(
      parts.logger,
      'cannot read EXPECTED_CALLS_FILE: the calls of its last good version are judged, if there was one',
      'EXPECTED_CALLS_FILE can be read again',
    );
  }

  /** Judges the calls against this version of LiveKit's configuration. Never rejects. */
  configurationChanged(snapshot: Snapshot): Promise<void> {
    this.#snapshot = snapshot;
    return this.settle();
  }

  /** Reads the file if it has changed, and judges what has not been judged. Never rejects. */
  settle(): Promise<void> {
    // One after the other, so that the latest version is judged last.
    this.#turn = this.#turn
      .then(() => this.#settle())
      .catch((error: unknown) => this.#parts.logger.error(error, 'could not judge the expected calls'));
    return this.#turn;
  }

  /** The API's answer, as JSON text. */
  json(): Uint8Array {
    const checkedAt = this.#checkedAt;
    return jsonOf({
      calls: this.#results,
      checked_at: checkedAt === undefined ? null : new Date(checkedAt).toISOString(),
      file: this.#parts.file,
    });
  }

  async #settle(): Promise<void> {
    await this.#read();
    const calls = this.#calls;
    const snapshot = this.#snapshot;
    if (!snapshot || calls.length === 0) return;
    if (this.#judged?.calls === calls && this.#judged.snapshot === snapshot) return;
    const { site, metrics, logger, now } = this.#parts;
    this.#results = await inSlices(judgeExpected(site, snapshot, calls));
    this.#judged = { calls, snapshot };
    this.#checkedAt = now();
    metrics.expected.judged(this.#results.map(({ name, ok }) => ({ name, ok })));
    const failing = this.#results.filter(({ ok }) => !ok);
    if (failing.length === 0) return;
    const names = [...new Set(failing.map(({ name }) => name))].slice(0, NAMES_LOGGED);
    logger.warn({ failing: failing.length, names }, 'calls would not do what EXPECTED_CALLS_FILE expects');
  }

  async #read(): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#parts.file);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (stamp === this.#stamp) return;
      this.#stamp = stamp;
      this.#calls = await readExpectedCalls(this.#parts.file);
      this.#condition.over();
    } catch (error) {
      this.#condition.met(error);
    }
  }
}

/** The API's answer where EXPECTED_CALLS_FILE is not set. */
export function noExpectedCalls(): Uint8Array {
  return jsonOf({ calls: [], checked_at: null, file: null });
}

function jsonOf(answer: {
  readonly calls: readonly ExpectedResult[];
  readonly checked_at: string | null;
  readonly file: string | null;
}): Uint8Array {
  return Buffer.from(JSON.stringify(answer));
}
