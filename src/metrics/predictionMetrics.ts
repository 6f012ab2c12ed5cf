import type { Party } from '../core/diagnose/cause.ts';
import { EFFECTS, type Effect } from '../core/predict/prediction.ts';
import { gauge, type MetricRegistry } from './instruments.ts';

/** How many open predicted incidents have series. */
const OPEN_LIMIT = 100;

/** What the metrics tell of an open predicted incident. */
export interface OpenPrediction {
  readonly incident: string;
  readonly effect: Effect;
  /** Empty where no call would fail. */
  readonly cause: string;
  readonly party: Party;
  readonly trunk: string;
  /** Empty if it is not known. */
  readonly trunkName: string;
  readonly title: string;
  readonly kindsHit: number;
  readonly kindsSeen: number;
  /** Of all calls, from 0 to 1. */
  readonly share: number;
}

/** Predicted incidents: what the configuration does to calls that nobody has made yet. */
export class PredictionMetrics {
  readonly #open;
  readonly #info;
  readonly #share;

  constructor(registry: MetricRegistry) {
    this.#open = gauge(
      registry,
      'sipwhy_predicted_incidents_open',
      'Open predicted incidents of all replicas, by what LiveKit’s configuration would do to calls.',
      [{ effect: EFFECTS }],
    );
    const one = (what: string) => ({ what, atMost: 1 });
    const key = { incident: { what: 'the predicted incident’s id', atMost: OPEN_LIMIT } };
    this.#info = gauge(
      registry,
      'sipwhy_predicted_incident_info',
      `Open predicted incidents, the ${OPEN_LIMIT} that concern most calls. Always 1.`,
      [
        {
          ...key,
          effect: one('what would happen'),
          cause: one('the cause for which calls would fail, or empty'),
          party: one('who must act'),
          trunk: one('a trunk’s id, or none'),
          trunk_name: one('the trunk’s name'),
          title: one('what would happen, in words'),
          kinds: one('how many kinds of calls it concerns, of how many'),
        },
      ],
    );
    this.#share = gauge(
      registry,
      'sipwhy_predicted_incident_traffic_ratio',
      'Share of the last days’ connected calls that an open predicted incident concerns.',
      [key],
    );
    this.show([]);
  }

  /** Shows these open ones and no others. */
  show(open: readonly OpenPrediction[]): void {
    const counts = Map.groupBy(open, ({ effect }) => effect);
    for (const effect of EFFECTS) this.#open.set({ effect }, counts.get(effect)?.length ?? 0);
    this.#info.reset();
    this.#share.reset();
    for (const one of open.toSorted((a, b) => b.share - a.share).slice(0, OPEN_LIMIT)) {
      const { incident, effect, cause, party, trunk, trunkName, title, kindsHit, kindsSeen, share } = one;
      const kinds = `${kindsHit} of ${kindsSeen}`;
      this.#info.set({ incident, effect, cause, party, trunk, trunk_name: trunkName, title, kinds }, 1);
      this.#share.set({ incident }, share);
    }
  }
}
