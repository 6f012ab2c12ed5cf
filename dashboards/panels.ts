import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as HeatmapBuilder, YAxisConfigBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type CallFilters, callsLink, runbookLink } from './dashboardLinks.ts';
import { bucketsGrown } from './selector.ts';
import { DATASOURCE } from './variables.ts';

interface PanelText {
  readonly title: string;
  /** What the panel shows, and how to read it. */
  readonly description: string;
  readonly unit: 'short' | 'percentunit' | 's' | 'reqps' | 'bytes' | 'dateTimeAsIso' | 'none';
  /** Of 24 columns. */
  readonly span: number;
  /** Text without data. */
  readonly nothing?: string;
  /** The alert whose runbook the panel links to. */
  readonly runbook?: string;
  /** Filters of the calls behind a clicked value. */
  readonly calls?: CallFilters;
}

/** Where yellow and red begin. If red is the lower value, lower is worse. */
interface Limits {
  readonly yellow: number;
  readonly red: number;
}

/** Expressions by the names of their lines. A name may contain labels, such as `{{cause}}`. */
type Lines = Readonly<Record<string, string>>;

/** One number for the whole time range. */
export function stat(text: PanelText & { readonly expr: string; readonly limits?: Limits }) {
  const panel = new StatBuilder()
    .withTarget(query('A', text.expr).legendFormat(text.title).instant())
    .graphMode(BigValueGraphMode.None)
    .colorMode(text.limits ? BigValueColorMode.Background : BigValueColorMode.None)
    .thresholds(thresholds(text.limits))
    .height(4);
  // increase() extrapolates, and 10.3 failed calls make no sense.
  if (text.unit === 'short') panel.decimals(0);
  return described(panel, { nothing: 'no calls', ...text });
}

interface Graph extends PanelText {
  readonly lines: Lines;
  /** Stacked bars, so that the sum is visible. */
  readonly stacked?: boolean;
  /** Single calls as dots that link to their explanation. */
  readonly exemplars?: boolean;
}

/** Lines over time. */
export function graph(text: Graph) {
  const panel = new TimeseriesBuilder()
    .targets(
      Object.entries(text.lines).map(([legend, expr], index) =>
        query(String.fromCharCode(65 + index), expr)
          .legendFormat(legend)
          .exemplar(text.exemplars ?? false)
          .range(),
      ),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    // All lines at a moment, the highest first. Zeros are hidden, because most causes are zero.
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending).hideZeros(true))
    .min(0)
    .height(8);
  if (text.stacked) {
    panel
      .drawStyle(GraphDrawStyle.Bars)
      .fillOpacity(60)
      .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  }
  return described(panel, text);
}

/** The distribution of a histogram over time. */
export function heatmap(text: Omit<PanelText, 'unit' | 'calls'> & { readonly histogram: string }) {
  const panel = new HeatmapBuilder()
    .withTarget(query('A', bucketsGrown(text.histogram)).legendFormat('{{le}}').format(PromQueryFormat.Heatmap).range())
    .calculate(false)
    .yAxis(new YAxisConfigBuilder().unit('s'))
    .showLegend()
    .height(8);
  return described(panel, { ...text, unit: 's' });
}

/** A table of an instant query: one row per series, with its labels and value as columns. */
export function table(text: PanelText & { readonly expr: string; readonly columns: Lines }) {
  const panel = new TableBuilder()
    .withTarget(query('A', text.expr).instant().format(PromQueryFormat.Table))
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(Object.keys(text.columns).map((name, index) => [name, index])),
        renameByName: text.columns,
      },
    })
    .height(9);
  return described(panel, text);
}

function query(refId: string, expr: string) {
  return new DataqueryBuilder().refId(refId).datasource(DATASOURCE).expr(expr);
}

function thresholds(limits: Limits | undefined) {
  const isLowerWorse = limits !== undefined && limits.yellow > limits.red;
  const [base, first, second] = isLowerWorse ? ['red', 'yellow', 'green'] : ['green', 'yellow', 'red'];
  const [low, high] = limits ? [limits.yellow, limits.red].sort((a, b) => a - b) : [];
  const steps = [
    // The base step has no value; the library's type needs null.
    { value: null, color: base as string },
    ...(low === undefined ? [] : [{ value: low, color: first as string }]),
    ...(high === undefined ? [] : [{ value: high, color: second as string }]),
  ];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

type AnyPanel = StatBuilder | TableBuilder | TimeseriesBuilder | HeatmapBuilder;

function described<Panel extends AnyPanel>(panel: Panel, text: PanelText): Panel {
  panel.title(text.title).description(text.description).unit(text.unit).span(text.span).datasource(DATASOURCE);
  panel.noValue(text.nothing ?? 'no data');
  if (text.runbook) panel.links([runbookLink(text.runbook)]);
  if (text.calls) panel.dataLinks([callsLink(text.calls)]);
  return panel;
}
