import { counter, type MetricRegistry } from './instruments.ts';
import { BoundedLabel } from './labels.ts';

/** Metrics with a label whose values are not known in advance. */
const FOLDED = [
  'sipwhy_call_attempts_total',
  'sipwhy_call_failures_total',
  'sipwhy_call_wait_seconds_total',
  'sipwhy_call_waits_total',
  'sipwhy_call_ends_total',
  'sipwhy_short_calls_total',
  'sipwhy_sip_responses_total',
  'sipwhy_trunk_info',
  'sipwhy_audit_findings',
  'sipwhy_livekit_changes_total',
] as const;
type Folded = (typeof FOLDED)[number];

/** Statuses whose series start at zero. */
export const USUAL_STATUSES = ['200', '400', '401', '404', '407', '408', '480', '486', '488', '500', '503', '603'];
/** How many other statuses get series. SIP has about 75 final statuses, and a network uses about a dozen. */
const STATUS_LIMIT = 30;

/** Limits the number of series, however many trunks exist and whatever the far end answers. */
export class SeriesLimits {
  readonly trunks: BoundedLabel<Folded>;
  readonly statuses: BoundedLabel<Folded>;

  constructor(registry: MetricRegistry, trunkLimit: number) {
    const overflow = counter(
      registry,
      'sipwhy_series_overflow_total',
      'Samples counted as `other` because the trunk or status limit was reached.',
      [{ metric: FOLDED }],
    );
    const onOverflow = (metric: Folded) => overflow.inc({ metric });
    this.trunks = new BoundedLabel('LiveKit trunk ids', trunkLimit, ['none', 'unknown'], onOverflow);
    this.statuses = new BoundedLabel('SIP statuses', STATUS_LIMIT, USUAL_STATUSES, onOverflow);
  }
}
