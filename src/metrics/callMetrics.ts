import type { Delays } from '../core/call/call.ts';
import type { Waits } from '../core/call/waits.ts';
import { type Cause, dropsAnswered, partiesOf } from '../core/diagnose/cause.ts';
import { CAUSES } from '../core/diagnose/causes.ts';
import { ORIGINS, OUTCOMES } from '../core/diagnose/diagnosis.ts';
import { SHORT_SECONDS } from '../core/diagnose/facts/callEnd.ts';
import type { AttemptRecord } from '../core/diagnose/record.ts';
import { counter, gauge, histogram, type MetricRegistry } from './instruments.ts';
import { combinations, OTHER } from './labels.ts';
import type { Exemplar } from './openMetrics.ts';
import { type SeriesLimits, USUAL_STATUSES } from './seriesLimits.ts';
import { WaitMetrics } from './waitMetrics.ts';

/** Trunks whose series start at zero: otherwise `increase()` would miss a trunk's first failure. */
const TRUNKS_AT_ZERO = 50;
const COUNTED_CAUSES = CAUSES.filter((cause) => cause.party !== 'nobody');
/** An end that is nobody's fault. */
const NORMAL_END = { id: 'none', party: 'none' } as const;
/** How an answered call may end, as label values. */
const ENDS = [
  NORMAL_END,
  ...CAUSES.filter(dropsAnswered).flatMap((cause: Cause) => partiesOf(cause).map((party) => ({ id: cause.id, party }))),
];
/**
 * How an attempt settles: at its answer, even if its first verdict comes after its end. What happens after the answer is
 * counted as an end.
 */
const SETTLED_OUTCOMES = OUTCOMES.filter((outcome) => outcome !== 'dropped');
const PARTICIPANT_RESULTS = ['joined', 'ambiguous', 'unmatched'] as const;
type ParticipantResult = (typeof PARTICIPANT_RESULTS)[number];

/** The part of an attempt that is counted. */
type CountedAttempt = Pick<
  AttemptRecord,
  'callSid' | 'outcome' | 'cause' | 'party' | 'trunk' | 'response' | 'ruleErrors'
>;

/** The part of an ended attempt that is counted. */
type CountedEnd = Pick<AttemptRecord, 'callSid' | 'cause' | 'party' | 'trunk'> & {
  readonly end: AttemptRecord['end'] | undefined;
};

const TEXT = { what: 'the text of the cause', atMost: 1 };

/** Setup seconds, from INVITE to answer: a network answers in milliseconds, an agent in seconds. */
const SETUP_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60];
/** Seconds from answer to end. 15 s and 30 s are LiveKit's waits for audio. */
const DURATION_BUCKETS = [2, 5, 10, 14.5, 15.5, 29.5, 30.5, 60, 120, 300, 600, 1_800, 3_600];
/** Post-dial seconds, from INVITE to ringing or refusal. The last two bracket the SIP stack's timers, 32 s and 64 s. */
const POST_DIAL_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 33, 65];

/** Outcomes and causes of calls. Histograms have no trunk label, because each would then have thousands of series. */
export class CallMetrics {
  /** Latest failed call of each series, by sample name and labels. */
  readonly exemplars = new Map<string, Exemplar>();
  readonly #limits: SeriesLimits;
  readonly #attempts;
  readonly #failures;
  readonly #failuresOf503;
  readonly #responses;
  readonly #ruleErrors;
  readonly #setup;
  readonly #postDial;
  readonly #waits;
  readonly #verdict;
  readonly #participants;
  readonly #reached;
  readonly #ends;
  readonly #duration;
  readonly #short;

  constructor(registry: MetricRegistry, limits: SeriesLimits) {
    const trunk = limits.trunks;
    this.#limits = limits;
    this.#attempts = counter(registry, 'sipwhy_call_attempts_total', 'Settled call attempts, by outcome.', [
      { trunk, outcome: SETTLED_OUTCOMES },
    ]);
    this.#ends = counter(
      registry,
      'sipwhy_call_ends_total',
      'Ends of answered call attempts, by cause. cause and party are none for a normal end.',
      ENDS.map(({ id, party }) => ({ cause: [id], party: [party], trunk })),
    );
    this.#duration = histogram(
      registry,
      'sipwhy_call_duration_seconds',
      'Time from the answer of a call attempt to its end.',
      DURATION_BUCKETS,
    );
    this.#short = counter(
      registry,
      'sipwhy_short_calls_total',
      `Answered call attempts that ended less than ${SHORT_SECONDS} s after the answer.`,
      [{ trunk }],
    );
    this.#failures = counter(
      registry,
      'sipwhy_call_failures_total',
      'Failed call attempts, by cause.',
      COUNTED_CAUSES.map(({ id, party }) => ({ cause: [id], party: [party], trunk })),
    );
    this.#failuresOf503 = counter(
      registry,
      'sipwhy_call_failures_503_total',
      'Failed call attempts whose final response was 503, by cause.',
      COUNTED_CAUSES.map(({ id, party }) => ({ cause: [id], party: [party] })),
    );
    this.#responses = counter(
      registry,
      'sipwhy_sip_responses_total',
      'Final SIP responses to call attempts, by status and by the system that sent them.',
      [{ status: limits.statuses, origin: ORIGINS }],
    );
    this.#ruleErrors = counter(
      registry,
      'sipwhy_rule_errors_total',
      'Errors thrown by the rule of a cause. The cause is then left out of the verdict.',
      [{ cause: CAUSES.map(({ id }) => id) }],
    );
    this.#setup = histogram(
      registry,
      'sipwhy_call_setup_seconds',
      'Time from the start of a connected call attempt to its answer.',
      SETUP_BUCKETS,
    );
    this.#postDial = histogram(
      registry,
      'sipwhy_post_dial_delay_seconds',
      'Time from the INVITE of a dialled leg to its first 18x, or to its final response if no 18x came (RFC 6076: session request delay).',
      POST_DIAL_BUCKETS,
      [{ outcome: SETTLED_OUTCOMES }],
    );
    this.#waits = new WaitMetrics(registry, limits);
    this.#verdict = histogram(
      registry,
      'sipwhy_webhook_to_verdict_seconds',
      'Time from the last webhook of a call attempt to its verdict.',
      [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 120, 300],
    );
    this.#participants = counter(
      registry,
      'sipwhy_livekit_participants_total',
      'LiveKit SIP participants, by whether sipwhy found their Jambonz leg.',
      [{ result: PARTICIPANT_RESULTS }],
    );
    const reached = (name: string, help: string) => histogram(registry, name, help, SETUP_BUCKETS);
    this.#reached = {
      participant: reached(
        'sipwhy_call_to_participant_seconds',
        'Time from the first report of a leg to its participant joining the LiveKit room.',
      ),
      agent: reached(
        'sipwhy_call_to_agent_seconds',
        'Time from the first report of a leg to an agent joining its room.',
      ),
      audio: reached(
        'sipwhy_call_to_first_audio_seconds',
        'Time from the first report of a leg to the first agent audio in its room.',
      ),
    };
    const info = gauge(
      registry,
      'sipwhy_cause_info',
      'Title, party and fix of each cause. Always 1.',
      CAUSES.map(({ id, party }) => ({ cause: [id], title: TEXT, party: [party], fix: TEXT })),
    );
    for (const { id, title, party, fix } of CAUSES) info.set({ cause: id, title, party, fix }, 1);
    for (const reserved of ['none', 'unknown']) this.#trunkAtZero(reserved);
    for (const labels of combinations({ status: USUAL_STATUSES, origin: ORIGINS })) this.#responses.inc(labels, 0);
  }

  /** Counts a settled attempt; call it once for each. `atSeconds` since the epoch. */
  attempt(record: CountedAttempt, { waits, ...delays }: Delays & { readonly waits: Waits }, atSeconds: number): void {
    const { cause, party, response, ruleErrors } = record;
    const outcome = record.outcome === 'dropped' ? 'connected' : record.outcome;
    const { trunks, statuses } = this.#limits;
    this.#attempts.inc({ trunk: trunks.in('sipwhy_call_attempts_total', record.trunk), outcome });
    if (outcome === 'failed' && cause && party) {
      const trunk = trunks.in('sipwhy_call_failures_total', record.trunk);
      this.#failures.inc({ cause, party, trunk });
      if (response?.status === 503) this.#failuresOf503.inc({ cause, party });
      const sample = `sipwhy_call_failures_total{cause="${cause}",party="${party}",trunk="${trunk}"}`;
      this.exemplars.set(sample, { callSid: record.callSid, atSeconds });
    }
    if (response) {
      const status = String(response.status);
      // A number that isn't a SIP status must not use up one of the limited label values.
      const label = /^[1-6]\d\d$/.test(status) ? statuses.in('sipwhy_sip_responses_total', status) : OTHER;
      this.#responses.inc({ status: label, origin: response.origin });
    }
    if (outcome === 'connected' && delays.setup !== undefined) this.#setup.observe(delays.setup);
    if (delays.postDial !== undefined) this.#postDial.observe({ outcome }, delays.postDial);
    this.#waits.attempt(record.trunk, waits);
    this.#verdict.observe(delays.verdict);
    for (const error of ruleErrors) this.#ruleErrors.inc({ cause: error.cause });
  }

  /** Counts the end of an answered attempt; call it once for each. `atSeconds` since the epoch. */
  ended({ callSid, end, ...record }: CountedEnd, atSeconds: number): void {
    const { trunks } = this.#limits;
    const { cause, party } = { cause: record.cause ?? NORMAL_END.id, party: record.party ?? NORMAL_END.party };
    const trunk = trunks.in('sipwhy_call_ends_total', record.trunk);
    this.#ends.inc({ cause, party, trunk });
    if (cause !== NORMAL_END.id) {
      const sample = `sipwhy_call_ends_total{cause="${cause}",party="${party}",trunk="${trunk}"}`;
      this.exemplars.set(sample, { callSid, atSeconds });
    }
    if (end?.seconds === undefined) return;
    this.#duration.observe(end.seconds);
    if (end.seconds < SHORT_SECONDS) this.#short.inc({ trunk: trunks.in('sipwhy_short_calls_total', record.trunk) });
  }

  /** Observes how long a settled attempt took to reach its room, its agent and the agent's audio. */
  reached(seconds: Readonly<Record<'participant' | 'agent' | 'audio', number | undefined>>): void {
    for (const milestone of ['participant', 'agent', 'audio'] as const) {
      const value = seconds[milestone];
      if (value !== undefined) this.#reached[milestone].observe(value);
    }
  }

  liveKitParticipant(result: ParticipantResult): void {
    this.#participants.inc({ result });
  }

  /** Starts the series of LiveKit's first trunks at zero, before their first call. */
  trunks(ids: readonly string[]): void {
    const admitted = ids.filter((id) => this.#limits.trunks.admits(id));
    for (const trunk of admitted.slice(0, TRUNKS_AT_ZERO)) this.#trunkAtZero(trunk);
  }

  #trunkAtZero(trunk: string): void {
    for (const outcome of SETTLED_OUTCOMES) this.#attempts.inc({ trunk, outcome }, 0);
    for (const { id, party } of ENDS) this.#ends.inc({ cause: id, party, trunk }, 0);
    this.#short.inc({ trunk }, 0);
    for (const { id, party } of COUNTED_CAUSES) this.#failures.inc({ cause: id, party, trunk }, 0);
    this.#waits.atZero(trunk);
  }
}
