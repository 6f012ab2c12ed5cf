import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  StackingConfigBuilder,
  StackingMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { runbookUrl } from '../alerts/links.ts';
import { DATASOURCE } from './variables.ts';

interface PanelText {
  readonly title: string;
  /** What it shows, and what to make of it. */
  readonly description: string;
  readonly unit: 'short' | 'percentunit' | 's' | 'reqps' | 'none';
  /** Of 24 columns. */
  readonly span: number;
  /** The alert whose runbook the panel links to. */
  readonly runbook?: string;
}

/** Where yellow and red begin; where red is the lower of the two, lower is worse. */
interface Limits {
  readonly yellow: number;
  readonly red: number;
}

/** Expressions by what their lines are called; a name may hold labels, as in `{{cause}}`. */
type Lines = Readonly<Record<string, string>>;

/** One number for the whole time shown. */
export function stat(text: PanelText & { readonly expr: string; readonly limits?: Limits; readonly legend?: string }) {
  const panel = new StatBuilder()
    .withTarget(query(text.expr, text.legend ?? text.title).instant())
    .graphMode(BigValueGraphMode.None)
    .colorMode(text.limits ? BigValueColorMode.Background : BigValueColorMode.None)
    .thresholds(thresholds(text.limits))
    .noValue('no calls')
    .height(4);
  // increase() extrapolates; nobody believes in 10.3 failed calls.
  if (text.unit === 'short') panel.decimals(0);
  return described(panel, text);
}

/** Lines over time; counts are stacked bars, so that their sum can be seen. */
export function graph(text: PanelText & { readonly lines: Lines; readonly stacked?: boolean }) {
  const panel = new TimeseriesBuilder()
    .targets(Object.entries(text.lines).map(([legend, expr]) => query(expr, legend)))
    .min(0)
    .noValue('nothing in this time')
    .height(8);
  if (text.stacked) {
    panel
      .drawStyle(GraphDrawStyle.Bars)
      .fillOpacity(60)
      .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  }
  return described(panel, text);
}

/** A table of an instant: one row a series, the columns being its labels and its value. */
export function table(text: PanelText & { readonly expr: string; readonly columns: Lines }) {
  const panel = new TableBuilder()
    .withTarget(query(text.expr, '').instant().format(PromQueryFormat.Table))
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(Object.keys(text.columns).map((name, index) => [name, index])),
        renameByName: text.columns,
      },
    })
    .noValue('nothing in this time')
    .height(9);
  return described(panel, text);
}

function query(expr: string, legend: string) {
  return new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(legend).range();
}

function thresholds(limits: Limits | undefined) {
  const base = limits && limits.yellow > limits.red ? 'red' : 'green';
  const steps = !limits
    ? []
    : base === 'red'
      ? [
          { value: limits.red, color: 'yellow' },
          { value: limits.yellow, color: 'green' },
        ]
      : [
          { value: limits.yellow, color: 'yellow' },
          { value: limits.red, color: 'red' },
        ];
  // The base step has no value; the library's type wants null for it.
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: base }, ...steps]);
}

type AnyPanel = StatBuilder | TableBuilder | TimeseriesBuilder;

function described<Panel extends AnyPanel>(panel: Panel, text: PanelText): Panel {
  panel.title(text.title).description(text.description).unit(text.unit).span(text.span).datasource(DATASOURCE);
  if (text.runbook) {
    panel.links([
      new DashboardLinkBuilder(`Runbook of ${text.runbook}`)
        .type(DashboardLinkType.Link)
        .url(runbookUrl(text.runbook))
        .targetBlank(true),
    ]);
  }
  return panel;
}
