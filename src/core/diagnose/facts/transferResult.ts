import type { Attempt } from '../../call/call.ts';
import type { TransferFailure } from '../../call/livekitEvent.ts';
import type { Transfer } from '../../call/room.ts';
import type { Party } from '../cause.ts';

/** What became of the transfers of one call, as the agent reported them. */
export type TransferResult =
  /** One succeeded: LiveKit hangs up within a second, and the caller goes on without it. */
  | { readonly kind: 'accepted' }
  /** All of them failed, and the call goes on. The failure is the last one's. */
  | {
      readonly kind: 'failed';
      readonly failure: TransferFailure;
      readonly tries: number;
      /** From the answer to the last report; absent if the answer's time is unknown. */
      readonly seconds?: number;
    };

/** `transfers` in the order of their times. `undefined` if there is none. */
export function transferResult({ leg }: Attempt, transfers: readonly Transfer[]): TransferResult | undefined {
  const last = transfers.at(-1);
  if (!last) return undefined;
  if (transfers.some(({ failure }) => failure === undefined) || !last.failure) return { kind: 'accepted' };
  const seconds = leg?.answered && Math.max(0, last.at - leg.answered.at) / 1000;
  return {
    kind: 'failed',
    failure: last.failure,
    tries: transfers.length,
    ...(seconds !== undefined && { seconds }),
  };
}

/** Statuses that only the person called, or their phone, gives: no HTTP status of a referHook is one of them. */
const OF_CALLEE: ReadonlySet<number> = new Set([480, 486, 487, 600, 603]);
/** Statuses of a target that doesn't exist or doesn't answer. */
const OF_TARGET: ReadonlySet<number> = new Set([404, 408, 410, 484, 604]);
const NOT_IMPLEMENTED = 501;

/**
 * Who refused a transfer. Jambonz answers the REFER itself: with 501 if the dial has no referHook, and otherwise with
 * the HTTP status by which the referHook refused. A NOTIFY has the status of the call to the target.
 * Source: jambonz-feature-server, lib/tasks/dial.js.
 */
export function refusedBy({ status, answers }: TransferFailure): Party {
  if (status === undefined) return 'unknown';
  if (OF_CALLEE.has(status)) return 'nobody';
  if (answers === 'refer' || (status === NOT_IMPLEMENTED && answers === undefined)) return 'jambonz';
  if (answers === undefined) return 'unknown';
  return OF_TARGET.has(status) ? 'nobody' : 'carrier';
}

/** Why a transfer failed, in words: the SIP status, or else the API's code. */
export function failureWords({ status, reason, code }: TransferFailure): string {
  if (status !== undefined) return reason === undefined ? String(status) : `${status} ${reason}`;
  return code === undefined ? 'the error names no SIP status' : `${code}, without a SIP status`;
}
