import { type Attempt, farEndCallId } from '../call/call.ts';
import { Lookup, numberKey } from './lookup.ts';

/** A leg whose far end may be a LiveKit participant. */
export interface KnownLeg {
  readonly callId: string;
  readonly callSid: string;
  /** The SIP Call-ID that LiveKit sees; `undefined` until it is known. */
  readonly farEndCallId: string | undefined;
  readonly numbers: string | undefined;
  /** Epoch milliseconds of its first report; `undefined` if only a dial hook names it. */
  readonly beganAt: number | undefined;
}

/** The legs of the calls in memory, by SIP Call-ID and by numbers. */
export class Legs {
  readonly #ofCall = new Map<string, readonly KnownLeg[]>();
  readonly #byCallId = new Lookup<KnownLeg>();
  readonly #byNumbers = new Lookup<KnownLeg>();

  /** Replaces the legs of a call by those of its current attempts. */
  set(callId: string, attempts: readonly Attempt[]): void {
    this.delete(callId);
    const legs = attempts.map((attempt) => knownLeg(callId, attempt));
    this.#ofCall.set(callId, legs);
    for (const leg of legs) {
      if (leg.farEndCallId !== undefined) this.#byCallId.add(leg.farEndCallId, leg);
      if (leg.numbers !== undefined) this.#byNumbers.add(leg.numbers, leg);
    }
  }

  delete(callId: string): void {
    for (const leg of this.#ofCall.get(callId) ?? []) {
      if (leg.farEndCallId !== undefined) this.#byCallId.delete(leg.farEndCallId, leg);
      if (leg.numbers !== undefined) this.#byNumbers.delete(leg.numbers, leg);
    }
    this.#ofCall.delete(callId);
  }

  withCallId(callId: string | undefined): readonly KnownLeg[] {
    return this.#byCallId.get(callId);
  }

  withNumbers(numbers: string | undefined): readonly KnownLeg[] {
    return this.#byNumbers.get(numbers);
  }
}

/** The facts about an attempt that the join uses. */
export function knownLeg(callId: string, attempt: Attempt): KnownLeg {
  const { leg, callSid } = attempt;
  return {
    callId,
    callSid,
    farEndCallId: farEndCallId(attempt),
    // Only a dialled leg can have LiveKit at its far end.
    numbers: leg?.direction === 'outbound' ? numberKey(leg.from, leg.to) : undefined,
    beganAt: leg?.first.at,
  };
}
