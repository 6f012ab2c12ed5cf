/** The hooks of sipwhy to which an application forwards. */
export type Hook = 'call-status' | 'dial-action';

/**
 * Why a webhook was lost. `unreadable`: it can't be written as JSON. `too_large`: sipwhy takes at most 256 KiB.
 * `queue_full`: too many wait. `rejected`: sipwhy refused it. `expired`: sipwhy could not take it for a minute. `closed`: the
 * forwarder was closed before.
 */
export type LossReason = 'unreadable' | 'too_large' | 'queue_full' | 'rejected' | 'expired' | 'closed';

/** A webhook that sipwhy does not get. */
export interface Lost {
  readonly hook: Hook;
  readonly reason: LossReason;
  /** What happened, and the remedy if one is known. It contains no data of the call. */
  readonly detail: string;
}

/** A webhook to be sent. */
export interface Queued {
  readonly hook: Hook;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** How a try to send ended. `failed`: another try may succeed. */
export type Sent =
  | { readonly result: 'delivered' }
  | { readonly result: 'rejected' | 'failed'; readonly detail: string };

interface Surroundings {
  /** Never rejects. */
  readonly send: (queued: Queued) => Promise<Sent>;
  /** Never throws. */
  readonly onLost: (lost: Lost) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Resolves after some milliseconds. With `keepsRunning`, the application does not end meanwhile. */
  readonly pause: (milliseconds: number, keepsRunning: boolean) => Promise<unknown>;
}

/** How many webhooks may wait, and how many characters they may have together. */
export const MOST_WAITING = 1_000;
export const MOST_CHARACTERS = 8 * 1024 * 1024;
/** After so long, in milliseconds, a webhook is given up. sipwhy refuses a signature that is older than five minutes. */
export const GIVE_UP_AFTER_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** How often, in milliseconds, `close` looks whether everything is sent. */
const CLOSING_STEP_MS = 20;

/** Sends webhooks one after the other in the background, in their order, and retries. */
export class HookQueue {
  /** How many were delivered. */
  delivered = 0;
  readonly #around: Surroundings;
  readonly #waiting: Queued[] = [];
  #characters = 0;
  #isClosed = false;
  #isSending = false;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(queued: Queued): void {
    if (this.#isClosed) {
      this.#lose(queued, 'closed', 'the forwarder is closed');
    } else if (this.size >= MOST_WAITING || this.#characters + queued.body.length > MOST_CHARACTERS) {
      this.#lose(queued, 'queue_full', `${this.size} webhooks wait, because sipwhy doesn’t answer or is slow`);
    } else {
      this.#waiting.push(queued);
      this.#characters += queued.body.length;
      if (!this.#isSending) void this.#sendAll();
    }
  }

  /** Waits until everything is sent, but not longer than `withinMs`. What then still waits is lost. */
  async close(withinMs: number): Promise<void> {
    this.#isClosed = true;
    const deadline = this.#around.now() + withinMs;
    while (this.size > 0 && this.#around.now() < deadline) {
      await this.#around.pause(CLOSING_STEP_MS, true);
    }
    while (this.size > 0) this.#lose(this.#take(), 'closed', 'the forwarder was closed before sipwhy took it');
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    let pauseMs = FIRST_PAUSE_MS;
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const sent = await this.#around.send(first);
      // It is no longer there if the queue was closed meanwhile.
      if (this.#waiting[0] !== first) break;
      if (sent.result === 'failed') {
        // Those behind it wait for the same sipwhy, so each that is as old is given up without a try of its own.
        while (this.#isExpired()) this.#lose(this.#take(), 'expired', sent.detail);
        await this.#around.pause(pauseMs, false);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
        continue;
      }
      pauseMs = FIRST_PAUSE_MS;
      this.#take();
      if (sent.result === 'delivered') this.delivered += 1;
      else this.#lose(first, 'rejected', sent.detail);
    }
    this.#isSending = false;
  }

  #isExpired(): boolean {
    const [first] = this.#waiting;
    return first !== undefined && this.#around.now() - first.at >= GIVE_UP_AFTER_MS;
  }

  /** Removes the first one, which must exist. */
  #take(): Queued {
    // The cast holds, because every caller has looked.
    const first = this.#waiting.shift() as Queued;
    this.#characters -= first.body.length;
    return first;
  }

  #lose({ hook }: Queued, reason: LossReason, detail: string): void {
    this.#around.onLost({ hook, reason, detail });
  }
}
