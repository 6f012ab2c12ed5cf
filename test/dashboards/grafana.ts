/** What is shown. */
export interface Shown {
  readonly rangeSeconds: number;
  /** What Grafana makes of the scrape interval: four times as long, at least. */
  readonly rateIntervalSeconds: number;
  /** Of variables that are not at All. */
  readonly chosen?: Readonly<Record<string, string>>;
}

const ALL: Readonly<Record<string, string>> = { job: '.+', instance: '.+', trunk: '.*' };

/** A query as Grafana sends it. */
export function resolved(expr: string, { rangeSeconds, rateIntervalSeconds, chosen = {} }: Shown): string {
  const values: Readonly<Record<string, string>> = {
    ...ALL,
    ...chosen,
    __range: `${Math.ceil(rangeSeconds)}s`,
    __rate_interval: `${rateIntervalSeconds}s`,
  };
  return expr.replaceAll(/\$(\w+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no variable ${name} in ${expr}`);
    return value;
  });
}

/** A data link as Grafana makes it for a line or a row with these labels; anything that it cannot fill in is a fault. */
export function linkOf(
  url: string,
  variables: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): string {
  return url.replaceAll(/\$\{([^}:]+)(?::[^}]+)?\}/g, (_, name: string) => {
    const [, label] = /^__(?:field\.labels|data\.fields)\.(\w+)$/.exec(name) ?? [];
    const value = label === undefined ? variables[name] : labels[label];
    if (value === undefined) throw new Error(`nothing to put in for ${name} in ${url}`);
    return value;
  });
}
