import type { Environment } from './environment.ts';

/** How long calls are kept, and how large the store may grow. */
export interface RetentionSettings {
  /** For connected and uncounted calls. */
  readonly days: number;
  readonly failureDays: number;
  /** `undefined` for no limit. */
  readonly maxBytes: number | undefined;
}

/** Faults of the variables together. */
export function retentionFaults(env: Environment): string[] {
  if (env.RETENTION_FAILURE_DAYS >= env.RETENTION_DAYS) return [];
  return [
    `RETENTION_FAILURE_DAYS must be at least RETENTION_DAYS (${env.RETENTION_DAYS}), got "${env.RETENTION_FAILURE_DAYS}"`,
  ];
}

export function retentionFrom(env: Environment): RetentionSettings {
  return {
    days: env.RETENTION_DAYS,
    failureDays: env.RETENTION_FAILURE_DAYS,
    maxBytes: env.RETENTION_MAX_MB === 0 ? undefined : env.RETENTION_MAX_MB * 1_000_000,
  };
}
