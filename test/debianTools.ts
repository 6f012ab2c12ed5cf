import { spawnSync } from 'node:child_process';

/** Debian's packages with the tools that some tests run. */
const PACKAGES = {
  promtool: 'prometheus',
  prometheus: 'prometheus',
  amtool: 'prometheus-alertmanager',
  'prometheus-alertmanager': 'prometheus-alertmanager',
} as const;

/** Why a test is skipped that needs these tools. In CI nothing may be skipped: .ci/run installs them, or the test fails. */
export function without(...tools: readonly (keyof typeof PACKAGES)[]): string | false {
  const missing = tools.find((tool) => spawnSync(tool, ['--version']).error);
  if (missing === undefined || process.env.CI === 'true') return false;
  return `${missing} is not installed (Debian package ${PACKAGES[missing]})`;
}
