import { Command } from 'commander';
import { WrongUse } from '../settings/commandSettings.ts';

/** `readRules` returns the rule file that comes with sipwhy. */
export function rulesCommand(readRules: () => string): Command {
  return new Command('rules')
    .description('print the alert and recording rules for Prometheus, with links to your addresses')
    .option('--grafana-url <url>', 'URL of Grafana', DEFAULT_LINKS.grafana)
    .option('--page-url <url>', 'URL of sipwhy’s page', DEFAULT_LINKS.page)
    .option('--runbook-url <url>', 'URL of the runbooks’ folder', DEFAULT_LINKS.runbooks)
    .option('--json', 'print JSON with the addresses and the text of the rule file', false)
    .addHelpText(
      'after',
      '\nExample:\n  sipwhy rules --grafana-url https://grafana.example.com --page-url https://sipwhy.example.com > sipwhy.rules.yml',
    )
    .action((options: { grafanaUrl: string; pageUrl: string; runbookUrl: string; json: boolean }) => {
      const { grafanaUrl: grafana, pageUrl: page, runbookUrl: runbooks } = options;
      for (const [flag, url] of Object.entries({
        '--grafana-url': grafana,
        '--page-url': page,
        '--runbook-url': runbooks,
      })) {
        if (!isAddress(url))
          throw new WrongUse(`${flag} must be an http:// or https:// URL without a query, got "${url}"`);
      }
      const rules = withLinks(readRules(), { grafana, page, runbooks });
      if (!options.json) process.stdout.write(rules);
      else {
        const shown = { grafana_url: grafana, page_url: page, runbook_url: runbooks, rules };
        process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
      }
    });
}

/** A URL to which a path can be appended. Braces and quotes have a meaning in the rule file. */
function isAddress(url: string): boolean {
  return /^https?:\/\/[^\s?#"'{}\\]+$/.test(url) && URL.canParse(url);
}

/** The targets of the links in alerts. */
interface RuleLinks {
  /** Grafana, as on-call staff reach it. */
  readonly grafana: string;
  /** sipwhy's own page. */
  readonly page: string;
  /** The folder with a runbook for each alert, `<alert>.md`. */
  readonly runbooks: string;
}

/** The addresses in the committed rule file. `sipwhy rules` replaces them with the operator's. */
export const DEFAULT_LINKS: RuleLinks = {
  grafana: 'http://localhost:3000',
  page: 'http://localhost:8080',
  runbooks: 'https://github.com/sipwhy/sipwhy/blob/main/docs/runbooks',
};

/** The rule file with the operator's addresses. A trailing slash of an address is dropped. */
function withLinks(rules: string, links: Partial<RuleLinks>): string {
  return (Object.keys(DEFAULT_LINKS) as (keyof RuleLinks)[]).reduce(
    (text, name) => text.replaceAll(DEFAULT_LINKS[name], (links[name] ?? DEFAULT_LINKS[name]).replace(/\/+$/, '')),
    rules,
  );
}
