import { asked } from './rule.ts';

/** A PromQL query with the labels that it takes from the alert. */
interface Question {
  readonly query: string;
  readonly labels: readonly string[];
}

interface CallEvidence {
  /** The share of the attempts; one series. */
  readonly share: Question;
  /** Above zero while such calls fail; one series. */
  readonly failing: Question;
  /** Failures by trunk; absent if the alert is about one trunk. */
  readonly byTrunk?: Question;
  /** The attempts that the share refers to, and the window. */
  readonly of: string;
}

/** Lookback and step of the search for the first failure. */
const LOOK_BACK = '1h:15s';

/**
 * A template with facts about the calls behind an alert: their share, since when, and on which trunks. Prometheus
 * evaluates it with the alert.
 */
export function callEvidence({ share, failing, byTrunk, of }: CallEvidence): string {
  const began = { ...failing, query: `min_over_time(timestamp(${failing.query} > 0)[${LOOK_BACK}])` };
  return [
    `{{ with ${ask(share)} }}{{ . | first | value | humanizePercentage }}{{ else }}An unknown share{{ end }} of ${of}.`,
    `{{ with ${ask(began)} }} First failure in the last hour: {{ . | first | value | humanizeTimestamp }}.{{ end }}`,
    byTrunk
      ? `{{ with ${ask({ ...byTrunk, query: `topk(3, ${byTrunk.query} > 0)` })} }} Failed by trunk:` +
        '{{ range $i, $trunk := . }}{{ if $i }},{{ end }} {{ .Labels.trunk }} {{ .Value | printf "%.0f" }}{{ end }}.{{ end }}'
      : '',
  ].join('');
}

function ask({ query, labels }: Question): string {
  return asked(query, labels);
}
