import { Command } from 'commander';
import { WrongUse } from '../settings/commandSettings.ts';

/** `readRules` gives the rule file as it comes with sipwhy. */
export function rulesCommand(readRules: () => string): Command {
  return new Command('rules')
    .description('print the alert and recording rules for Prometheus, with your own addresses in their links')
    .option('--grafana-url <url>', 'where Grafana is reached', DEFAULT_LINKS.grafana)
    .option('--page-url <url>', 'where sipwhy’s page is reached', DEFAULT_LINKS.page)
    .option('--runbook-url <url>', 'the folder of the runbooks', DEFAULT_LINKS.runbooks)
    .option('--json', 'print JSON: the addresses, and the rule file as a text', false)
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

/** An address that a path can follow. Braces and quotes would mean something in the rule file. */
function isAddress(url: string): boolean {
  return /^https?:\/\/[^\s?#"'{}\\]+$/.test(url) && URL.canParse(url);
}

/** Where a page's links lead. */
export interface RuleLinks {
  /** Grafana, as whoever reads a page reaches it. */
  readonly grafana: string;
  /** sipwhy's own page. */
  readonly page: string;
  /** The folder with a page for each alert, `<alert>.md`. */
  readonly runbooks: string;
}

/** What stands in the rule file as it is committed; `sipwhy rules` puts the operator's own addresses in its place. */
export const DEFAULT_LINKS: RuleLinks = {
  grafana: 'http://localhost:3000',
  page: 'http://localhost:8080',
  runbooks: 'https://github.com/sipwhy/sipwhy/blob/main/docs/runbooks',
};

/** The rule file with an operator's addresses; a slash at their end is dropped. */
export function withLinks(rules: string, links: Partial<RuleLinks>): string {
  return (Object.keys(DEFAULT_LINKS) as (keyof RuleLinks)[]).reduce(
    (text, name) => text.replaceAll(DEFAULT_LINKS[name], (links[name] ?? DEFAULT_LINKS[name]).replace(/\/+$/, '')),
    rules,
  );
}
