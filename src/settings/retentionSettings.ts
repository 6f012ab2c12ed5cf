import type { Environment } from './environment.ts';

/** How long calls are kept, and how large the store may grow. */
export interface RetentionSettings {
  /** Of calls that connected or are not counted. */
  readonly days: number;
  readonly failureDays: number;
  /** `undefined` where the store may grow without limit. */
  readonly maxBytes: number | undefined;
}

/** What is wrong with the variables together. */
export function retentionFaults(env: Environment): string[] {
  if (env.RETENTION_FAILURE_DAYS >= env.RETENTION_DAYS) return [];
  return [
    `RETENTION_FAILURE_DAYS must not be below RETENTION_DAYS (${env.RETENTION_DAYS}), got "${env.RETENTION_FAILURE_DAYS}"`,
  ];
}

export function retentionFrom(env: Environment): RetentionSettings {
  return {
    days: env.RETENTION_DAYS,
    failureDays: env.RETENTION_FAILURE_DAYS,
    maxBytes: env.RETENTION_MAX_MB === 0 ? undefined : env.RETENTION_MAX_MB * 1_000_000,
  };
}
