import type { RecordedCase } from '../../src/core/replay/replay.ts';
import { recordedCases } from '../core/recordedCases.ts';
import { generate } from './cases.ts';
import type { Truth } from './generatedAttempt.ts';
import { judgeKind, KIND_NAMES, type Kind } from './kinds/kinds.ts';
import { EVIDENCE, type Evidence } from './knowable.ts';
import { type Figures, type Judged, judge, none, sum } from './measureAccuracy.ts';

/** How many cases are generated for each kind of evidence. */
const GENERATED: Record<Evidence, number> = {
  complete: 4_000,
  no_sbc_address: 1_000,
  old_sbc: 1_000,
  reordered: 1_000,
  no_configuration: 1_000,
};
/** Of how many generated cases each webhook is taken away in turn. */
const GENERATED_WITH_LOSS = 500;

/** How many calls of each kind that people really have. */
const OF_KIND = 500;

export type Group = 'recorded' | 'generated' | Exclude<Evidence, 'complete'> | 'one_webhook_lost';

/** The figures of docs/accuracy.md. */
export interface Accuracy extends Figures {
  readonly per_cause: readonly (Figures & { readonly cause: string })[];
  readonly per_group: readonly (Figures & { readonly group: Group })[];
  readonly per_kind: readonly (Figures & { readonly kind: Kind })[];
}

export interface Measured {
  readonly accuracy: Accuracy;
  /** Everything that was said of a leg, by group. */
  readonly judged: ReadonlyMap<Group | Kind, readonly Judged[]>;
}

/**
 * Replays the recorded and the generated cases. The totals and the figures of each cause are of the cases with all of
 * the evidence.
 */
export function measure(): Measured {
  const recorded = recordedTruths();
  const generated = EVIDENCE.map((evidence) => {
    const cases = Array.from({ length: GENERATED[evidence] }, (_, i) => generate(i, evidence));
    return { group: evidence === 'complete' ? ('generated' as const) : evidence, cases };
  });
  const complete = generated.find(({ group }) => group === 'generated')?.cases ?? [];
  const judged = new Map<Group, readonly Judged[]>([
    ['recorded', recorded.flatMap(({ call, truths }) => judge(call, truths))],
    ...generated.map(({ group, cases }) => [group, cases.flatMap(({ call, truths }) => judge(call, truths))] as const),
    ['one_webhook_lost', [...recorded, ...complete.slice(0, GENERATED_WITH_LOSS)].flatMap(withLoss)],
  ]);
  const whole = [...(judged.get('recorded') ?? []), ...(judged.get('generated') ?? [])];
  const causes = [...new Set(whole.map(causeOf))].sort();
  const kinds = new Map(KIND_NAMES.map((kind) => [kind, judgeKind(kind, OF_KIND)] as const));
  return {
    judged: new Map<Group | Kind, readonly Judged[]>([...judged, ...kinds]),
    accuracy: {
      ...total(whole),
      per_cause: causes.map((cause) => ({ cause, ...total(whole.filter((one) => causeOf(one) === cause)) })),
      per_group: [...judged].map(([group, all]) => ({ group, ...total(all) })),
      per_kind: [...kinds].map(([kind, all]) => ({ kind, ...total(all) })),
    },
  };
}

interface Known {
  readonly call: RecordedCase;
  readonly truths: readonly Truth[];
}

function recordedTruths(): Known[] {
  return recordedCases().map(({ call, expected }) => {
    const dialled = call.webhooks.find(({ body = '' }) => body.includes('"direction":"outbound"'))?.body ?? '{}';
    const { blocking, also, latent, admitted_without_trunk: isHole } = expected;
    // The cast is Jambonz's documented form.
    const { call_sid: callSid } = JSON.parse(dialled) as { call_sid: string };
    return { call, truths: [{ callSid, blocking, also, latent, beneath: [], isHole }] };
  });
}

/** Each webhook lost in turn. What is said without it may be less, and never something wrong that is certain. */
function withLoss({ call, truths }: Known): Judged[] {
  const honest = truths.map((truth) => ({
    ...truth,
    also: [...truth.also, ['unclassified']],
    isHole: truth.isHole ? undefined : truth.isHole,
  }));
  return call.webhooks.flatMap((_, lost) => {
    // Of sixty ringings in a minute the first and the last say what the others say.
    const isOneOfMany = [lost - 1, lost, lost + 1].every((i) => isRinging(call.webhooks[i]));
    if (isOneOfMany) return [];
    return judge(
      { ...call, id: `${call.id} without webhook ${lost}`, webhooks: call.webhooks.toSpliced(lost, 1) },
      honest,
    );
  });
}

function isRinging(webhook: RecordedCase['webhooks'][number] | undefined): boolean {
  return webhook?.body?.includes('"call_status":"ringing"') ?? false;
}

function causeOf({ truth: { blocking } }: Judged): string {
  return blocking[0] ?? 'connected';
}

export function total(judged: readonly Judged[]): Figures {
  return judged.reduce((figures, one) => sum(figures, one.figures), none());
}
