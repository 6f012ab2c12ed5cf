import type { Delays } from '../core/call/call.ts';
import { CAUSES } from '../core/diagnose/causes.ts';
import { ORIGINS, OUTCOMES } from '../core/diagnose/diagnosis.ts';
import type { AttemptRecord } from '../core/diagnose/record.ts';
import { counter, gauge, histogram, type MetricRegistry } from './instruments.ts';
import { combinations, OTHER } from './labels.ts';
import type { Exemplar } from './openMetrics.ts';
import { type SeriesLimits, USUAL_STATUSES } from './seriesLimits.ts';

/** Trunks whose series are there from the start: the first failure of a trunk is an increase only from a zero. */
const TRUNKS_AT_ZERO = 50;
const COUNTED_CAUSES = CAUSES.filter((cause) => cause.party !== 'nobody');
const PARTICIPANT_RESULTS = ['joined', 'ambiguous', 'unmatched'] as const;
type ParticipantResult = (typeof PARTICIPANT_RESULTS)[number];

/** What of an attempt is counted. */
type CountedAttempt = Pick<
  AttemptRecord,
  'callSid' | 'outcome' | 'cause' | 'party' | 'trunk' | 'response' | 'ruleErrors'
>;

const TEXT = { what: 'the text of the cause', atMost: 1 };

/** From an INVITE to an answer: a network's answer is a matter of milliseconds, an agent's of seconds. */
const SETUP_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60];
/** From an INVITE to the first ringing or refusal; 32 s and 64 s are the SIP stack's own timers. */
const POST_DIAL_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 33, 65];

/** What became of calls, and why. Histograms have no trunk: with one, each would be thousands of series. */
export class CallMetrics {
  /** The latest failure of each series, by the sample's name and labels. */
  readonly exemplars = new Map<string, Exemplar>();
  readonly #limits: SeriesLimits;
  readonly #attempts;
  readonly #failures;
  readonly #failuresOf503;
  readonly #responses;
  readonly #ruleErrors;
  readonly #setup;
  readonly #postDial;
  readonly #verdict;
  readonly #participants;
  readonly #reached;

  constructor(registry: MetricRegistry, limits: SeriesLimits) {
    const trunk = limits.trunks;
    this.#limits = limits;
    this.#attempts = counter(registry, 'sipwhy_call_attempts_total', 'Call attempts that are over, by outcome.', [
      { trunk, outcome: OUTCOMES },
    ]);
    this.#failures = counter(
      registry,
      'sipwhy_call_failures_total',
      'Failed call attempts, by cause.',
      COUNTED_CAUSES.map(({ id, party }) => ({ cause: [id], party: [party], trunk })),
    );
    this.#failuresOf503 = counter(
      registry,
      'sipwhy_call_failures_503_total',
      'Failed call attempts whose final response was a 503, by cause: what hides behind that one status.',
      COUNTED_CAUSES.map(({ id, party }) => ({ cause: [id], party: [party] })),
    );
    this.#responses = counter(
      registry,
      'sipwhy_sip_responses_total',
      'Final SIP responses of call attempts, by who said them.',
      [{ status: limits.statuses, origin: ORIGINS }],
    );
    this.#ruleErrors = counter(registry, 'sipwhy_rule_errors_total', 'Rules that threw; their cause was left out.', [
      { cause: CAUSES.map(({ id }) => id) },
    ]);
    this.#setup = histogram(
      registry,
      'sipwhy_call_setup_seconds',
      'From the start of a call attempt to its answer, for those that connected.',
      SETUP_BUCKETS,
    );
    this.#postDial = histogram(
      registry,
      'sipwhy_post_dial_delay_seconds',
      'From the INVITE of a dialled leg to its first 18x, or to its final response where none came (RFC 6076: session request delay).',
      POST_DIAL_BUCKETS,
      [{ outcome: OUTCOMES }],
    );
    this.#verdict = histogram(
      registry,
      'sipwhy_webhook_to_verdict_seconds',
      'From the last webhook of a call attempt to its verdict.',
      [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 120, 300],
    );
    this.#participants = counter(
      registry,
      'sipwhy_livekit_participants_total',
      'SIP participants of LiveKit, by whether the leg of Jambonz was found that they are the far end of.',
      [{ result: PARTICIPANT_RESULTS }],
    );
    const reached = (name: string, help: string) => histogram(registry, name, help, SETUP_BUCKETS);
    this.#reached = {
      participant: reached(
        'sipwhy_call_to_participant_seconds',
        'From the first report of a leg to its participant in LiveKit’s room.',
      ),
      agent: reached('sipwhy_call_to_agent_seconds', 'From the first report of a leg to an agent in its room.'),
      audio: reached(
        'sipwhy_call_to_first_audio_seconds',
        'From the first report of a leg to the first audio of an agent in its room.',
      ),
    };
    const info = gauge(
      registry,
      'sipwhy_cause_info',
      'What is known of each cause; always 1.',
      CAUSES.map(({ id, party }) => ({ cause: [id], title: TEXT, party: [party], fix: TEXT })),
    );
    for (const { id, title, party, fix } of CAUSES) info.set({ cause: id, title, party, fix }, 1);
    for (const reserved of ['none', 'unknown']) this.#trunkAtZero(reserved);
    for (const labels of combinations({ status: USUAL_STATUSES, origin: ORIGINS })) this.#responses.inc(labels, 0);
  }

  /** Counts a settled attempt; call it once for each. `atSeconds` since the epoch. */
  attempt(record: CountedAttempt, delays: Delays, atSeconds: number): void {
    const { outcome, cause, party, response, ruleErrors } = record;
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
      // A number that is no SIP status must not take the place of one.
      const label = /^[1-6]\d\d$/.test(status) ? statuses.in('sipwhy_sip_responses_total', status) : OTHER;
      this.#responses.inc({ status: label, origin: response.origin });
    }
    if (outcome === 'connected' && delays.setup !== undefined) this.#setup.observe(delays.setup);
    if (delays.postDial !== undefined) this.#postDial.observe({ outcome }, delays.postDial);
    this.#verdict.observe(delays.verdict);
    for (const error of ruleErrors) this.#ruleErrors.inc({ cause: error.cause });
  }

  /** Observes how long a settled attempt took to reach its room, its agent and the agent's audio; in seconds. */
  reached(seconds: Readonly<Record<'participant' | 'agent' | 'audio', number | undefined>>): void {
    for (const milestone of ['participant', 'agent', 'audio'] as const) {
      const value = seconds[milestone];
      if (value !== undefined) this.#reached[milestone].observe(value);
    }
  }

  liveKitParticipant(result: ParticipantResult): void {
    this.#participants.inc({ result });
  }

  /** Takes note of LiveKit's trunks, in their order: the first ones are at zero before their first call. */
  trunks(ids: readonly string[]): void {
    const admitted = ids.filter((id) => this.#limits.trunks.admits(id));
    for (const trunk of admitted.slice(0, TRUNKS_AT_ZERO)) this.#trunkAtZero(trunk);
  }

  #trunkAtZero(trunk: string): void {
    for (const outcome of OUTCOMES) this.#attempts.inc({ trunk, outcome }, 0);
    for (const { id, party } of COUNTED_CAUSES) this.#failures.inc({ cause: id, party, trunk }, 0);
  }
}
