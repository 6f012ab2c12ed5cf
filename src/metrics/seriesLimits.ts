import { counter, type MetricRegistry } from './instruments.ts';
import { BoundedLabel } from './labels.ts';

/** Metrics with a label whose values are not known beforehand. */
const FOLDED = [
  'sipwhy_call_attempts_total',
  'sipwhy_call_failures_total',
  'sipwhy_sip_responses_total',
  'sipwhy_trunk_info',
  'sipwhy_audit_findings',
  'sipwhy_livekit_changes_total',
] as const;
type Folded = (typeof FOLDED)[number];

/** Statuses that are there from the start, at zero. */
export const USUAL_STATUSES = ['200', '400', '401', '404', '407', '408', '480', '486', '488', '500', '503', '603'];
/** Further statuses. SIP registers some 75 final statuses; a network uses a dozen. */
const STATUS_LIMIT = 30;

/** Keeps the number of series bounded, whatever the configuration holds and the far end answers. */
export class SeriesLimits {
  readonly trunks: BoundedLabel<Folded>;
  readonly statuses: BoundedLabel<Folded>;

  constructor(registry: MetricRegistry, trunkLimit: number) {
    const overflow = counter(
      registry,
      'sipwhy_series_overflow_total',
      'Samples counted as `other`, since their trunk or status would have been one series too many.',
      [{ metric: FOLDED }],
    );
    const onOverflow = (metric: Folded) => overflow.inc({ metric });
    this.trunks = new BoundedLabel('ids of LiveKit’s trunks', trunkLimit, ['none', 'unknown'], onOverflow);
    this.statuses = new BoundedLabel('SIP statuses', STATUS_LIMIT, USUAL_STATUSES, onOverflow);
  }
}
