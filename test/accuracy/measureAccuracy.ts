import type { Explanation } from '../../src/core/explain/explanation.ts';
import { type RecordedCase, replay } from '../../src/core/replay/replay.ts';
import type { Truth } from './generatedAttempt.ts';

/** How often the right thing was said of legs whose truth is known. */
export interface Figures {
  /** Legs. */
  cases: number;
  /** The first cause is right. */
  top_cause: number;
  /** All blocking causes are right, in their order. */
  exact_set: number;
  /** `unclassified`, or a cause that is only `possible`. */
  abstentions: number;
  /** Not right, and said to be certain. */
  wrong_and_certain: number;
}

export const none = (): Figures => ({ cases: 0, top_cause: 0, exact_set: 0, abstentions: 0, wrong_and_certain: 0 });

export function sum(a: Figures, b: Figures): Figures {
  return {
    cases: a.cases + b.cases,
    top_cause: a.top_cause + b.top_cause,
    exact_set: a.exact_set + b.exact_set,
    abstentions: a.abstentions + b.abstentions,
    wrong_and_certain: a.wrong_and_certain + b.wrong_and_certain,
  };
}

/** What was said of one leg, held against its truth. */
export interface Judged {
  readonly id: string;
  readonly truth: Truth;
  readonly figures: Figures;
  readonly said: string;
  /** Whether a hole was reported where there is one and only there, and every cause that comes next was named. */
  readonly isHoleRight: boolean;
  readonly isLatentRight: boolean;
}

/** Replays a call and judges what is said of each of its legs. */
export function judge(call: RecordedCase, truths: readonly Truth[]): Judged[] {
  const { calls } = replay(call);
  return truths.flatMap((truth) => {
    const got = calls.find(({ call_sid }) => call_sid === truth.callSid);
    // A leg of which no webhook arrived cannot be spoken of.
    return got ? [judgeLeg(call.id, truth, got)] : [];
  });
}

export function judgeLeg(id: string, truth: Truth, got: Explanation): Judged {
  const sets = [truth.blocking, ...truth.also];
  const isTopRight = sets.some(([first]) => (first ?? null) === got.cause);
  const isSetRight = sets.some((set) => JSON.stringify(set) === JSON.stringify(got.blocking));
  const isWrong = !isSetRight && got.cause !== 'unclassified';
  const figures: Figures = {
    cases: 1,
    top_cause: Number(isTopRight),
    exact_set: Number(isSetRight),
    abstentions: Number(got.cause === 'unclassified' || got.confidence === 'possible'),
    // That a call connected is said without any doubt.
    wrong_and_certain: Number(isWrong && (got.confidence === 'certain' || got.outcome === 'connected')),
  };
  const isHole = got.findings.length > 0;
  return {
    id,
    truth,
    figures,
    said: `${got.blocking.join('+') || got.outcome} (${got.confidence}; latent ${got.latent}; or ${got.alternatives})`,
    isHoleRight: truth.isHole === undefined || truth.isHole === isHole,
    isLatentRight:
      truth.also.some((set) => JSON.stringify(set) === JSON.stringify(got.blocking)) ||
      truth.latent.every((cause) => got.latent.some((id) => id === cause)),
  };
}
