/** The content type of OpenMetrics, which Prometheus prefers. */
export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** The last line of an exposition. */
export const OPENMETRICS_END = '# EOF';

/** The call that last raised a counter, and when. */
export interface Exemplar {
  readonly callSid: string;
  /** Epoch seconds. */
  readonly atSeconds: number;
}

/**
 * Converts a part of Prometheus' text format to OpenMetrics: HELP and TYPE of a counter lose `_total`, and samples of
 * counters get their exemplars. The two lines of a metric are in the same part.
 *
 * prom-client's own OpenMetrics rendering isn't used: it renames counters permanently, so later text scrapes of the
 * same process would lose `_total`.
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
    // A call_sid is a UUID. Other text might break the line, or the limit of 128 characters for an exemplar.
    if (!exemplar || !/^[\w-]{1,64}$/.test(exemplar.callSid)) return line;
    return `${line} # {call_sid="${exemplar.callSid}"} 1 ${exemplar.atSeconds}`;
  });
  return converted.join('\n');
}
