import type { Origin, Verdict } from './admission.ts';
import type { NumberLikeness } from './number.ts';
import type { InboundTrunk } from './snapshot.ts';

/** A call as trunks see it; what is not known of it stays unknown. */
export interface CallToTrunks extends Origin {
  /** The called number: user part of the dialled SIP URI. */
  readonly called: string;
}

/** One trunk held against the call, field by field. */
export interface TrunkJudgement {
  readonly trunk: InboundTrunk;
  readonly called: Verdict;
  readonly source: Verdict;
  readonly caller: Verdict;
  /** A number of the trunk that is the called one in another form. */
  readonly alike: { readonly number: string; readonly how: NumberLikeness } | undefined;
}

/** Which trunk matches; the same as `matchTrunk` says, without its list of reasons. */
export type TrunkChoice =
  | { readonly kind: 'empty' | 'none' }
  | { readonly kind: 'specific' | 'default'; readonly trunk: TrunkJudgement }
  | {
      readonly kind: 'multiple_specific_trunks' | 'multiple_default_trunks';
      /** The first two that match. */
      readonly between: readonly [TrunkJudgement, TrunkJudgement];
    };
