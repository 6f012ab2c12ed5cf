/** What of a webhook is to be passed on besides its body. */
export interface ForwardedAs {
  readonly method: 'GET' | 'POST';
  readonly query: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

/** A webhook that is still to be passed on. */
export interface ForwardEvent extends ForwardedAs {
  readonly seq: number;
  readonly receivedAt: number;
  readonly body: Uint8Array;
}

/** What became of a call's turn: its events up to a number are done with; the rest is due at a time. */
export interface ForwardTurn {
  readonly callId: string;
  readonly upTo: number;
  /** In a row, until now. */
  readonly failures: number;
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

/** Webhooks that are still to be passed on, in order per call. */
export interface ForwardStore {
  /** Calls of which something is due, the longest waiting first. `now` in epoch milliseconds. */
  due(now: number, limit: number): Promise<readonly { readonly callId: string; readonly failures: number }[]>;
  /** What is to be passed on of a call, oldest first, up to a bounded number. */
  ofCall(callId: string): Promise<ForwardEvent[]>;
  /** Notes what became of calls' turns, all or none. */
  finish(turns: readonly ForwardTurn[]): Promise<void>;
  count(): Promise<number>;
}
