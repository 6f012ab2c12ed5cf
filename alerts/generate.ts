import { renderCauseTests } from './causeTests.ts';
import { renderRules } from './rules.ts';
import { causeRunbooks } from './runbooks.ts';

/** What is derived from the registry of causes, with paths from the top of the repository. */
export function generatedFiles(): { path: string; content: string }[] {
  return [
    { path: 'alerts/sipwhy.rules.yml', content: renderRules() },
    { path: 'alerts/causes.test.yml', content: renderCauseTests() },
    ...causeRunbooks(),
  ];
}
