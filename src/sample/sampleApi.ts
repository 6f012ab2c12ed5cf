import type { AskSample } from '../http/api/sampleRoutes.ts';

/** How long, in milliseconds, the sample is kept after the last question. */
const IDLE_MS = 10 * 60_000;
/** How long, in milliseconds, it is kept at most: its calls grow older. */
const KEPT_MS = 60 * 60_000;
/** The end of its day is a multiple of this, in milliseconds, so that replicas mostly have the same times. */
const END_EVERY_MS = 5 * 60_000;
/** When, in milliseconds, to look again whether the last answer was given. */
const LOOK_AGAIN_MS = 1_000;

interface SampleParts {
  /** Epoch milliseconds. */
  now(): number;
  readonly onInternalError: (error: unknown) => void;
  readonly idleMs?: number;
}

/**
 * The API over a day of sample calls in memory. They are made for the first question, and dropped when nobody asks any
 * more. Neither the store nor the metrics nor the alerts know of them.
 */
export class SampleApi {
  readonly #parts: SampleParts;
  #made: Promise<Made> | undefined;
  /** Until when it is kept, in epoch milliseconds. */
  #keptUntil = 0;
  #asking = 0;
  #dropping: NodeJS.Timeout | undefined;

  constructor(parts: SampleParts) {
    this.#parts = parts;
  }

  get isMade(): boolean {
    return this.#made !== undefined;
  }

  readonly ask: AskSample = async ({ method, url, accept, body }) => {
    this.#made ??= this.#make();
    this.#asking += 1;
    try {
      const { server } = await this.#made;
      // The cast: the body was read as JSON.
      const payload = method === 'POST' ? { payload: body as object } : {};
      const answer = await server.inject({ method, url, ...(accept && { headers: { accept } }), ...payload });
      return { statusCode: answer.statusCode, headers: answer.headers, payload: answer.rawPayload };
    } finally {
      this.#asking -= 1;
      this.#dropIn(Math.min(this.#parts.idleMs ?? IDLE_MS, this.#keptUntil - this.#parts.now()));
    }
  };

  async close(): Promise<void> {
    clearTimeout(this.#dropping);
    const made = this.#made;
    this.#made = undefined;
    await (await made)?.close();
  }

  #dropIn(milliseconds: number): void {
    clearTimeout(this.#dropping);
    this.#dropping = setTimeout(() => {
      if (this.#asking > 0) this.#dropIn(LOOK_AGAIN_MS);
      else this.close().catch(this.#parts.onInternalError);
    }, milliseconds).unref();
  }

  async #make(): Promise<Made> {
    const { now, onInternalError } = this.#parts;
    const end = Math.floor(now() / END_EVERY_MS) * END_EVERY_MS;
    this.#keptUntil = end + KEPT_MS;
    try {
      // The import is dynamic: the door has the engine's modules only where somebody looks at the sample.
      return await (await import('./sampleServer.ts')).sampleServer({ now, end, onInternalError });
    } catch (error) {
      this.#made = undefined;
      throw error;
    }
  }
}

type Made = Awaited<ReturnType<typeof import('./sampleServer.ts')['sampleServer']>>;
