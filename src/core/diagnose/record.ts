import type { Attempt } from '../call/call.ts';
import type { NamedChange } from './breakingChange.ts';
import { type CallerExperience, callerExperienceOf } from './callerExperience.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Deployment } from './facts/deployment.ts';

/** The change of LiveKit's configuration before a failure, as stored. */
export type RecordedChange = Omit<NamedChange, 'since'>;

/**
 * The stored record of a settled attempt, from which every explanation of it is made. Plain data: in JSON, keys
 * that are `undefined` are absent.
 */
export interface AttemptRecord extends Omit<Diagnosis, 'deployment' | 'change'> {
  /** The version of this format. Older formats are converted when they are read from the store. */
  readonly version: 1;
  /** The attempt's id; `callSid` is its leg's. */
  readonly id: string;
  readonly callSid: string;
  /** Caller and called number or SIP URI, as reported by Jambonz; absent if not reported. */
  readonly from?: string;
  readonly to?: string;
  readonly deployment?: Pick<Deployment, 'kind' | 'basis'>;
  readonly callerExperience: CallerExperience;
  readonly change?: RecordedChange;
}

/** Makes the stored record of an attempt and its diagnosis. */
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
