import type { Attempt } from './call.ts';
import type { Moment } from './event.ts';

/** How long a settled attempt took, in seconds. */
export interface Delays {
  /** From the leg's first report to its answer; `undefined` where it was not answered. */
  readonly setup: number | undefined;
  /** `undefined` for a leg that was not dialled, and where its reports do not tell. */
  readonly postDial: number | undefined;
  /** From the last webhook to the verdict. */
  readonly verdict: number;
}

/** What is to be measured of an attempt that was settled at a time in epoch milliseconds. */
export function delaysOf(attempt: Attempt, settledAt: number): Delays {
  const { leg } = attempt;
  return {
    setup: leg?.answered && (leg.answered.at - leg.first.at) / 1000,
    postDial: postDialDelaySeconds(attempt),
    verdict: (settledAt - (leg?.last.receivedAt ?? settledAt)) / 1000,
  };
}

/**
 * From the INVITE to the first word of the far end that the caller notices: an 18x, or the final response where none
 * came. RFC 6076 calls it session request delay, and has it for failed calls too.
 *
 * Jambonz reports a dialled leg as `trying` when the INVITE is sent. Where that report is lost, or either of the two is
 * dated by its signature to the second, nothing is measured.
 */
function postDialDelaySeconds({ leg, isDialled }: Attempt): number | undefined {
  if (!leg || !isDialled) return undefined;
  const heard = [leg.firstRinging, leg.answered, leg.final].filter((moment) => moment !== undefined);
  const first = heard.reduce<Moment | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
  if (!first?.precise || !leg.first.precise || leg.first.at === first.at) return undefined;
  return (first.at - leg.first.at) / 1000;
}
