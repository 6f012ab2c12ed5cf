import { Registry } from 'prom-client';
import { FINDINGS } from '../audit/registry.ts';
import { LIVEKIT_EVENTS } from '../call/livekitEvent.ts';
import type { ParticipantResult } from '../correlate/liveKitSide.ts';
import { ORIGINS } from '../diagnose/diagnosis.ts';
import { CAUSES } from '../diagnose/registry.ts';
import type { Explanation } from '../explain/json.ts';
import { LIVEKIT_REFUSALS, type LiveKitRefusal } from '../receive/verifyLiveKit.ts';
import type { InboundTrunk } from '../trunks/snapshot.ts';

import { counter, gauge, histogram, observed } from './instruments.ts';
import { type Exemplar, OPENMETRICS_TYPE, toOpenMetrics } from './openMetrics.ts';
import { ProbeMetrics } from './probeMetrics.ts';

/** Statuses that are there from the start, at zero. */
const USUAL_STATUSES = ['200', '400', '401', '404', '407', '408', '480', '486', '488', '500', '503', '603'];
const OUTCOMES = ['connected', 'failed', 'not_counted'];
/** Trunks whose series are there from the start: the first failure of a trunk is an increase only from a zero. */
const TRUNKS_AT_ZERO = 50;
const COUNTED_CAUSES = CAUSES.filter((cause) => cause.party !== 'nobody');

/** What became of a webhook: a label value of `sipwhy_webhooks_total`. */
export type WebhookResult =
  | 'accepted'
  | 'repeated'
  | 'invalid'
  | 'too_large'
  | 'store_failed'
  | 'missing_signature'
  | 'malformed_signature'
  | 'stale_signature'
  | 'bad_signature'
  | 'missing_credentials'
  | 'bad_credentials'
  | LiveKitRefusal;

/** From a leg's start to what happens in a room of LiveKit's: an admitted call rings until an agent publishes audio. */
const ROOM_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60];

/** Every metric that is exported. Only this folder knows prom-client. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #attempts = counter(
    this.#registry,
    'sipwhy_call_attempts_total',
    'Call attempts that are over, by outcome.',
    ['trunk', 'outcome'],
  );
  readonly #failures = counter(this.#registry, 'sipwhy_call_failures_total', 'Failed call attempts, by cause.', [
    'cause',
    'party',
    'trunk',
  ]);
  readonly #responses = counter(
    this.#registry,
    'sipwhy_sip_responses_total',
    'Final SIP responses of call attempts, by who said them.',
    ['status', 'origin'],
  );
  readonly #webhooks = counter(this.#registry, 'sipwhy_webhooks_total', 'Webhooks received, by what became of them.', [
    'source',
    'event',
    'result',
  ]);
  readonly #ruleErrors = counter(
    this.#registry,
    'sipwhy_rule_errors_total',
    'Rules that threw; their cause was left out.',
    ['cause'],
  );
  readonly #refreshes = counter(
    this.#registry,
    'sipwhy_livekit_refreshes_total',
    'Attempts to read LiveKit’s trunks and dispatch rules.',
    ['result'],
  );
  readonly #setup = histogram(
    this.#registry,
    'sipwhy_call_setup_seconds',
    'From the start of a call attempt to its answer, for those that connected.',
    [0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60],
  );
  readonly #verdict = histogram(
    this.#registry,
    'sipwhy_webhook_to_verdict_seconds',
    'From the last webhook of a call attempt to its verdict.',
    [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 120, 300],
  );
  readonly #participants = counter(
    this.#registry,
    'sipwhy_livekit_participants_total',
    'SIP participants of LiveKit, by whether the leg of Jambonz was found that they are the far end of.',
    ['result'],
  );
  readonly #reached = {
    participant: histogram(
      this.#registry,
      'sipwhy_call_to_participant_seconds',
      'From the first report of a leg to its participant in LiveKit’s room.',
      ROOM_BUCKETS,
    ),
    agent: histogram(
      this.#registry,
      'sipwhy_call_to_agent_seconds',
      'From the first report of a leg to an agent in its room.',
      ROOM_BUCKETS,
    ),
    audio: histogram(
      this.#registry,
      'sipwhy_call_to_first_audio_seconds',
      'From the first report of a leg to the first audio of an agent in its room.',
      ROOM_BUCKETS,
    ),
  };
  readonly #commit = histogram(
    this.#registry,
    'sipwhy_journal_commit_seconds',
    'Duration of a group commit of the journal.',
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
  );
  readonly #trunkInfo = gauge(this.#registry, 'sipwhy_trunk_info', 'LiveKit’s inbound trunks; always 1.', [
    'trunk',
    'name',
  ]);
  readonly #findings = gauge(
    this.#registry,
    'sipwhy_audit_findings',
    'Findings of the audit of LiveKit’s configuration.',
    ['finding', 'severity', 'trunk'],
  );

  readonly probes = new ProbeMetrics(this.#registry);
  /** The latest failure of each series, by the sample's name and labels. */
  readonly #exemplars = new Map<string, Exemplar>();

  /** `observe` is asked at each scrape. */
  constructor(version: string, observe: () => { openCalls: number; snapshotAgeSeconds: number | undefined }) {
    gauge(this.#registry, 'sipwhy_build_info', 'The version that is running; always 1.', ['version']).set(
      { version },
      1,
    );
    const info = gauge(this.#registry, 'sipwhy_cause_info', 'What is known of each cause; always 1.', [
      'cause',
      'title',
      'party',
      'fix',
    ]);
    for (const { id, title, party, fix } of CAUSES) info.set({ cause: id, title, party, fix }, 1);
    observed(this.#registry, 'sipwhy_open_calls', 'Calls that are not over, or only just.', () => observe().openCalls);
    observed(
      this.#registry,
      'sipwhy_livekit_snapshot_age_seconds',
      'Time since LiveKit’s configuration was last read; absent before the first time.',
      () => observe().snapshotAgeSeconds,
    );
    this.#startAtZero();
    this.findings([]);
  }

  /** The exposition: in OpenMetrics with exemplars where that is asked for, else in Prometheus' text format. */
  async render(accept: string): Promise<{ readonly type: string; readonly text: string }> {
    const text = await this.#registry.metrics();
    if (!accept.includes('application/openmetrics-text')) return { type: this.#registry.contentType, text };
    return { type: OPENMETRICS_TYPE, text: toOpenMetrics(text, (sample) => this.#exemplars.get(sample)) };
  }

  webhook(source: 'jambonz' | 'livekit', event: string, result: WebhookResult): void {
    this.#webhooks.inc({ source, event, result });
  }

  /** Counts a settled attempt; call it once for each. Times in seconds, `atSeconds` since the epoch. */
  attempt(explanation: Explanation, setupSeconds: number | undefined, verdictSeconds: number, atSeconds: number): void {
    const { trunk, outcome, cause, party, response } = explanation;
    this.#attempts.inc({ trunk, outcome });
    if (outcome === 'failed' && cause && party) {
      this.#failures.inc({ cause, party, trunk });
      const sample = `sipwhy_call_failures_total{cause="${cause}",party="${party}",trunk="${trunk}"}`;
      this.#exemplars.set(sample, { callSid: explanation.call_sid, atSeconds });
    }
    if (response) this.#responses.inc({ status: statusLabel(response.status), origin: response.origin });
    if (outcome === 'connected' && setupSeconds !== undefined) this.#setup.observe(setupSeconds);
    this.#verdict.observe(verdictSeconds);
    for (const error of explanation.rule_errors ?? []) this.#ruleErrors.inc({ cause: error.cause });
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

  commit(seconds: number): void {
    this.#commit.observe(seconds);
  }

  refresh(error: Error | undefined): void {
    this.#refreshes.inc({ result: error ? 'failed' : 'ok' });
  }

  trunks(trunks: readonly InboundTrunk[]): void {
    this.#trunkInfo.reset();
    for (const { sip_trunk_id: trunk, name } of trunks) this.#trunkInfo.set({ trunk, name }, 1);
    for (const { sip_trunk_id } of trunks.slice(0, TRUNKS_AT_ZERO)) this.#trunkAtZero(sip_trunk_id);
  }

  findings(counts: readonly { finding: string; severity: string; trunk: string; count: number }[]): void {
    this.#findings.reset();
    for (const { id, severity } of FINDINGS) this.#findings.set({ finding: id, severity, trunk: 'none' }, 0);
    for (const { count, ...labels } of counts) this.#findings.set(labels, count);
  }

  #startAtZero(): void {
    for (const trunk of ['none', 'unknown']) this.#trunkAtZero(trunk);
    for (const status of USUAL_STATUSES) for (const origin of ORIGINS) this.#responses.inc({ status, origin }, 0);
    for (const { id } of CAUSES) this.#ruleErrors.inc({ cause: id }, 0);
    for (const result of ['ok', 'failed']) this.#refreshes.inc({ result }, 0);
    this.#liveKitAtZero();
    const results = ['accepted', 'repeated', 'invalid', 'bad_signature', 'missing_signature', 'store_failed'] as const;
    for (const event of ['call_status', 'dial_action']) {
      for (const result of results) this.#webhooks.inc({ source: 'jambonz', event, result }, 0);
    }
  }

  #liveKitAtZero(): void {
    const results: readonly ParticipantResult[] = ['joined', 'ambiguous', 'unmatched'];
    for (const result of results) this.#participants.inc({ result }, 0);
    for (const event of [...LIVEKIT_EVENTS, 'other']) {
      for (const result of ['accepted', 'repeated', 'store_failed'] as const) {
        this.#webhooks.inc({ source: 'livekit', event, result }, 0);
      }
    }
    // Of what was refused the event is not known.
    for (const result of ['invalid', 'too_large', ...LIVEKIT_REFUSALS] as const) {
      this.#webhooks.inc({ source: 'livekit', event: 'other', result }, 0);
    }
  }

  #trunkAtZero(trunk: string): void {
    for (const outcome of OUTCOMES) this.#attempts.inc({ trunk, outcome }, 0);
    for (const { id, party } of COUNTED_CAUSES) this.#failures.inc({ cause: id, party, trunk }, 0);
  }
}

function statusLabel(status: number): string {
  return status >= 100 && status < 700 ? String(status) : 'other';
}
