/** The content type of OpenMetrics' text format, for which Prometheus asks first. */
export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** The call that last raised a counter: labels and the time, in epoch seconds. */
export interface Exemplar {
  readonly callSid: string;
  readonly atSeconds: number;
}

/**
 * Prometheus' text format as OpenMetrics: a counter's metadata loses `_total`, samples of counters get their exemplars,
 * and the exposition ends with a mark.
 *
 * Written from the one rendering on purpose: prom-client's own OpenMetrics rendering renames counters for good, so that
 * later text scrapes of the same process would lose `_total`.
 */
export function toOpenMetrics(text: string, exemplarOf: (sample: string) => Exemplar | undefined): string {
  const lines = text.split('\n').filter((line) => line !== '');
  const counters = new Set(lines.flatMap((line) => /^# TYPE (\S+)_total counter$/.exec(line)?.[1] ?? []));
  const converted = lines.map((line) => {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind !== undefined && name !== undefined) {
      const base = name.replace(/_total$/, '');
      return `# ${kind} ${counters.has(base) ? base : name} ${rest}`;
    }
    const exemplar = exemplarOf(line.slice(0, line.lastIndexOf(' ')));
    // A call_sid is a UUID; anything else might break the line, or the limit of 128 characters.
    if (!exemplar || !/^[\w-]{1,64}$/.test(exemplar.callSid)) return line;
    return `${line} # {call_sid="${exemplar.callSid}"} 1 ${exemplar.atSeconds}`;
  });
  return `${converted.join('\n')}\n# EOF\n`;
}
