import type { Runbook } from '../../src/core/fixes/fix.ts';

/** The four sections of a runbook. */
export function runbookSections({ meaning, impact, diagnosis, mitigation }: Runbook): string {
  const steps = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n');
  return [
    `## Meaning\n\n${meaning}`,
    `## Impact\n\n${impact}`,
    `## Diagnosis\n\n${steps(diagnosis)}`,
    `## Mitigation\n\n${steps(mitigation)}`,
  ].join('\n\n');
}
