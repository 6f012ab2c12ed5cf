import { Command } from 'commander';
import { requireBaseUrls, withoutSlash } from './baseUrls.ts';

interface RulesOptions {
  readonly grafanaUrl: string;
  readonly pageUrl: string;
  readonly runbookUrl?: string;
  readonly json: boolean;
}

/** `readRules` returns the rule file that comes with sipwhy. */
export function rulesCommand(readRules: () => string): Command {
  return new Command('rules')
    .description('print the alert and recording rules for Prometheus, with links to your addresses')
    .option('--grafana-url <url>', 'URL of Grafana', DEFAULT_LINKS.grafana)
    .option('--page-url <url>', 'URL of sipwhy’s page', DEFAULT_LINKS.page)
    .option('--runbook-url <url>', 'URL of a folder of runbooks of your own (default: those of sipwhy’s page)')
    .option('--json', 'print JSON with the addresses and the text of the rule file', false)
    .addHelpText(
      'after',
      '\nExample:\n  sipwhy rules --grafana-url https://grafana.example.com --page-url https://sipwhy.example.com > sipwhy.rules.yml',
    )
    .action(({ grafanaUrl: grafana, pageUrl: page, runbookUrl, json }: RulesOptions) => {
      requireBaseUrls({ '--grafana-url': grafana, '--page-url': page, '--runbook-url': runbookUrl });
      const runbooks = runbookUrl ?? `${withoutSlash(page)}/runbooks`;
      const rules = withLinks(readRules(), { grafana, page, runbooks });
      if (!json) process.stdout.write(rules);
      else {
        const shown = { grafana_url: grafana, page_url: page, runbook_url: runbooks, rules };
        process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
      }
    });
}

/** The targets of the links in alerts. */
interface RuleLinks {
  /** Grafana, as on-call staff reach it. */
  readonly grafana: string;
  /** sipwhy's own page. */
  readonly page: string;
  /** The folder with a runbook for each alert. */
  readonly runbooks: string;
}

/** The addresses in the committed rule file. `sipwhy rules` replaces them with the operator's. */
export const DEFAULT_LINKS: RuleLinks = {
  grafana: 'http://localhost:3000',
  page: 'http://localhost:8080',
  runbooks: 'http://localhost:8080/runbooks',
};

/** The rule file with the operator's addresses. A trailing slash of an address is dropped. */
function withLinks(rules: string, { grafana, page, runbooks }: RuleLinks): string {
  // One pass, because an address of the operator's may be another's default. The page's runbooks come before the page.
  const targets = new Map([
    [DEFAULT_LINKS.runbooks, runbooks],
    [DEFAULT_LINKS.page, page],
    [DEFAULT_LINKS.grafana, grafana],
  ]);
  const defaults = new RegExp([...targets.keys()].join('|').replaceAll('.', '\\.'), 'g');
  return rules.replaceAll(defaults, (url) => withoutSlash(targets.get(url) ?? url));
}
