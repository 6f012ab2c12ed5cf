/**
 * How much a counter grew within a window, new series included.
 *
 * `increase()` needs two samples: of a series that is first seen at 8 it says 0, and the first eight failures of a trunk
 * would be lost. Here such a series counts from zero, if its instance was already being scraped when the window began.
 * (An instance that Prometheus has only just found may bring counts that are days old.)
 */
export function increaseExpression(series: string, window: string): string {
  return [
    `${series} unless ${series} offset ${window} and on (job, instance) sipwhy_build_info offset ${window}`,
    'or',
    `increase(${series}[${window}])`,
  ].join('\n');
}

/** The same, summed over the instances: each attempt is counted by one replica only. */
export function summedIncrease(series: string, labels: readonly string[], window: string): string {
  const inner = increaseExpression(series, window).replaceAll(/^/gm, '  ');
  return `sum by (${labels.join(', ')}) (\n${inner}\n)`;
}
