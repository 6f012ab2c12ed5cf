import type { Attempt } from '../call/call.ts';
import type { NamedChange } from './breakingChange.ts';
import { type CallerExperience, callerExperienceOf } from './callerExperience.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Deployment } from './facts/deployment.ts';

/** The change of LiveKit's configuration that a failure followed, as it is kept. */
export type RecordedChange = Omit<NamedChange, 'since'>;

/**
 * What is kept of a settled attempt, and what everything that is said of it is made from. Plain data: in JSON, keys
 * that are `undefined` are absent.
 */
export interface AttemptRecord extends Omit<Diagnosis, 'deployment' | 'change'> {
  /** Of this form. Older forms are converted when they are read from the store. */
  readonly version: 1;
  /** Of the attempt; `callSid` is that of its leg. */
  readonly id: string;
  readonly callSid: string;
  /** Caller and called number or SIP URI, as Jambonz reported them; absent where it did not. */
  readonly from?: string;
  readonly to?: string;
  readonly deployment?: Pick<Deployment, 'kind' | 'basis'>;
  readonly callerExperience: CallerExperience;
  readonly change?: RecordedChange;
}

/** What is kept of an attempt with its diagnosis. */
export function recordOf({
  attempt,
  diagnosis,
}: {
  readonly attempt: Attempt;
  readonly diagnosis: Diagnosis;
}): AttemptRecord {
  const { deployment, change, ...rest } = diagnosis;
  const { from, to } = attempt.leg ?? {};
  return {
    version: 1,
    id: attempt.id,
    callSid: attempt.callSid,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...rest,
    ...(deployment && { deployment: { kind: deployment.kind, basis: deployment.basis } }),
    callerExperience: callerExperienceOf(attempt),
    ...(change && { change: recordedChange(change) }),
  };
}

function recordedChange({ since: _, ...change }: NamedChange): RecordedChange {
  return change;
}
