/** A PromQL query in a template. Each `%q` takes a label of the alert, in this order. */
interface Question {
  readonly query: string;
  readonly labels: readonly string[];
}

export interface CallEvidence {
  /** Which part of the attempts it is; one series. */
  readonly share: Question;
  /** Failures by time: what is above zero while calls fail so; one series. */
  readonly failing: Question;
  /** Failures by trunk; left out where the alert is about one trunk. */
  readonly byTrunk?: Question;
  /** What the attempts are of, and in which time. */
  readonly of: string;
}

/** How far back the first failure is looked for, and how finely. */
const LOOK_BACK = '1h:15s';

/**
 * A template that says what Prometheus knows of the calls behind an alert: which part of all they are, since when, and
 * on which trunks. It is evaluated with the alert.
 */
export function callEvidence({ share, failing, byTrunk, of }: CallEvidence): string {
  const began = { ...failing, query: `min_over_time(timestamp(${failing.query} > 0)[${LOOK_BACK}])` };
  return [
    `{{ with ${ask(share)} }}{{ . | first | value | humanizePercentage }}{{ else }}An unknown part{{ end }} of ${of}.`,
    `{{ with ${ask(began)} }} First within the last hour: {{ . | first | value | humanizeTimestamp }}.{{ end }}`,
    byTrunk
      ? `{{ with ${ask({ ...byTrunk, query: `topk(3, ${byTrunk.query} > 0)` })} }} Failed by trunk:` +
        '{{ range $i, $trunk := . }}{{ if $i }},{{ end }} {{ .Labels.trunk }} {{ .Value | printf "%.0f" }}{{ end }}.{{ end }}'
      : '',
  ].join('');
}

function ask({ query, labels }: Question): string {
  return `query (printf \`${query}\` ${labels.map((label) => `$labels.${label}`).join(' ')})`;
}
