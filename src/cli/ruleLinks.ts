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
