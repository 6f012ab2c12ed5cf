import type { Attempt } from './call.ts';

/** What a caller waits for. Label values of `sipwhy_call_waits_total`. */
export const AWAITED = ['ringing', 'answer'] as const;
export type Awaited = (typeof AWAITED)[number];

/** How long a dialled leg took from its INVITE to each, in seconds; `undefined` if it did not come, or is not known. */
export type Waits = Readonly<Record<Awaited, number | undefined>>;

export const NO_WAITS: Waits = { ringing: undefined, answer: undefined };

/**
 * The waits of an attempt. A leg that is answered without ringing rings when it is answered. A refusal is no ringing: it
 * comes at once, or after a timeout, and says nothing about how fast the far end is.
 *
 * Jambonz reports a dialled leg as `trying` when it sends the INVITE. Nothing is known if that report is lost, and no
 * wait whose end is known only to the second.
 */
export function waitsOf({ leg, isDialled }: Attempt): Waits {
  const ringing = leg?.firstRinging ?? leg?.answered;
  if (!leg || !ringing || !isDialled || !leg.first.precise) return NO_WAITS;
  const { first, answered } = leg;
  const earliest = answered && answered.at < ringing.at ? answered : ringing;
  if (earliest.at === first.at) return NO_WAITS;
  return {
    ringing: earliest.precise ? (earliest.at - first.at) / 1000 : undefined,
    answer: answered?.precise ? (answered.at - first.at) / 1000 : undefined,
  };
}
