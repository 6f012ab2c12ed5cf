import type { RecordingRule } from './rule.ts';

// These ratios are usual over an hour. Over minutes they are noise on a small trunk.
const WINDOW = '1h';
const QUANTILES = ['0.5', '0.95', '0.99'] as const;
const POST_DIAL = 'sipwhy_post_dial_delay_seconds';

function rateOf(series: string, by: string): string {
  return `sum by (${by}) (rate(${series}[${WINDOW}]))`;
}

function attempts(by: string, outcomes?: string): string {
  const matcher = outcomes ? `{outcome=~"${outcomes}"}` : '';
  return `sum by (${by}) (rate(sipwhy_call_attempts_total${matcher}[${WINDOW}]))`;
}

function responses(statuses: string): string {
  return `sum by (job) (rate(sipwhy_sip_responses_total{status=~"${statuses}"}[${WINDOW}]))`;
}

/** RFC 6076 excludes redirected attempts from the denominator, because they are retried elsewhere. */
const ATTEMPTS_NOT_REDIRECTED = `(${attempts('job')} - (${responses('3..')} or 0 * ${attempts('job')}))`;

/** RFC 6076 counts 408 and servers' 5xx as ineffective. */
const INEFFECTIVE = '408|500|503|504';

/**
 * The ratios of RFC 6076 and of ITU-T E.411 and E.425, as far as the counters allow. SIP responses have no trunk label,
 * so ratios that need them exist only per job.
 */
export const TELEPHONY: readonly RecordingRule[] = [
  // Answer seizure ratio: answered calls among all attempts.
  {
    record: `job_trunk:sipwhy_asr:ratio_rate${WINDOW}`,
    expr: `${attempts('job, trunk', 'connected')}\n/\n${attempts('job, trunk')}`,
  },
  { record: `job:sipwhy_asr:ratio_rate${WINDOW}`, expr: `${attempts('job', 'connected')}\n/\n${attempts('job')}` },
  // Network effectiveness ratio: a callee who is busy, declines or does not answer was still reached.
  {
    record: `job_trunk:sipwhy_ner:ratio_rate${WINDOW}`,
    expr: `${attempts('job, trunk', 'connected|not_counted')}\n/\n${attempts('job, trunk')}`,
  },
  {
    record: `job:sipwhy_ner:ratio_rate${WINDOW}`,
    expr: `${attempts('job', 'connected|not_counted')}\n/\n${attempts('job')}`,
  },
  // Session establishment ratio, RFC 6076 section 4.6.
  {
    record: `job:sipwhy_ser:ratio_rate${WINDOW}`,
    expr: `${attempts('job', 'connected')}\n/\n${ATTEMPTS_NOT_REDIRECTED}`,
  },
  // Session establishment effectiveness ratio, RFC 6076 section 4.7.
  {
    record: `job:sipwhy_seer:ratio_rate${WINDOW}`,
    expr: `${attempts('job', 'connected|not_counted')}\n/\n${ATTEMPTS_NOT_REDIRECTED}`,
  },
  // Ineffective session attempts, RFC 6076 section 4.8.
  { record: `job:sipwhy_isa:ratio_rate${WINDOW}`, expr: `${responses(INEFFECTIVE)}\n/\n${attempts('job')}` },
  ...QUANTILES.map((quantile) => ({
    record: `job:sipwhy_call_setup_seconds:quantile_rate${WINDOW}`,
    labels: { quantile },
    expr: `histogram_quantile(${quantile}, ${rateOf('sipwhy_call_setup_seconds_bucket', 'job, le')})`,
  })),
  // Session request delay, RFC 6076 section 4.3, separate for connected and failed calls.
  {
    record: `job_outcome:${POST_DIAL}:mean_rate${WINDOW}`,
    expr: `${rateOf(`${POST_DIAL}_sum`, 'job, outcome')}\n/\n${rateOf(`${POST_DIAL}_count`, 'job, outcome')}`,
  },
  ...QUANTILES.map((quantile) => ({
    record: `job_outcome:${POST_DIAL}:quantile_rate${WINDOW}`,
    labels: { quantile },
    expr: `histogram_quantile(${quantile}, ${rateOf(`${POST_DIAL}_bucket`, 'job, outcome, le')})`,
  })),
];
