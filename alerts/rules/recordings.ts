import type { RecordingRule } from './rule.ts';
import { summedIncrease } from './rule.ts';

const ATTEMPTS = 'sipwhy_call_attempts_total';
const FAILURES = 'sipwhy_call_failures_total';
const ENDS = 'sipwhy_call_ends_total';
const RESPONSES = 'sipwhy_sip_responses_total';

/** The windows in which calls are counted: for a spike, an incident, and a small trunk. */
type Window = '2m' | '5m' | '30m';

export function attemptsIncrease(window: Window): RecordingRule {
  return {
    record: `job_trunk_outcome:sipwhy_call_attempts:increase${window}`,
    expr: summedIncrease(ATTEMPTS, ['job', 'trunk', 'outcome'], window),
  };
}

export function failuresIncrease(window: Window): RecordingRule {
  return {
    record: `job_cause_party_trunk:sipwhy_call_failures:increase${window}`,
    expr: summedIncrease(FAILURES, ['job', 'cause', 'party', 'trunk'], window),
  };
}

/** Ends of answered calls, those that nobody is to blame for under the cause `none`. */
export function endsIncrease(window: Window): RecordingRule {
  return {
    record: `job_cause_party_trunk:sipwhy_call_ends:increase${window}`,
    expr: summedIncrease(ENDS, ['job', 'cause', 'party', 'trunk'], window),
  };
}

/** Ends by a fault: the caller was not who ended the call, and nobody meant to. */
export function dropsIn(window: Window): string {
  return `${endsIncrease(window).record}{party!~"none|nobody"}`;
}

export function responsesIncrease(window: Window): RecordingRule {
  return {
    record: `job_status_origin:sipwhy_sip_responses:increase${window}`,
    expr: summedIncrease(RESPONSES, ['job', 'status', 'origin'], window),
  };
}

/** Share of a trunk's attempts that failed, by cause. */
export function failuresShare(window: Window): RecordingRule {
  const failures = failuresIncrease(window).record;
  return {
    record: `job_cause_party_trunk:sipwhy_call_failures:share${window}`,
    expr: `${failures}\n/ on (job, trunk) group_left ()\nsum by (job, trunk) (${attemptsIncrease(window).record})`,
  };
}

/**
 * Title and fix of each cause, exactly once. During a rolling upgrade two instances may have different texts for a
 * cause. A join with both would fail, and no alert would fire.
 */
export const causeInfo: RecordingRule = {
  record: 'job_cause:sipwhy_cause:info',
  expr: 'topk by (job, cause) (1, max by (job, cause, party, title, fix) (sipwhy_cause_info))',
};

/**
 * Each open incident that nobody muted, exactly once. Replicas may differ for a moment in the status of its latest call
 * or in the trunk's name.
 */
export const incidentInfo: RecordingRule = {
  record: 'job_cause_trunk:sipwhy_incident:info',
  expr:
    'topk by (job, cause, trunk) (1, max by (job, cause, party, trunk, incident, trunk_name, title, status, fix) (\n' +
    '  sipwhy_incident_info unless on (job, instance, cause, trunk) sipwhy_incident_muted == 1\n))',
};

/** All attempts of a job, over all trunks and outcomes. */
export function allAttempts(window: Window): string {
  return `sum by (job) (${attemptsIncrease(window).record})`;
}
