import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import { VizLegendOptionsBuilder, LegendPlacement } from "@grafana/grafana-foundation-sdk/common";
import {
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as LogsPanel } from "@grafana/grafana-foundation-sdk/logs";
import { PanelBuilder as StatPanel } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TablePanel } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeseriesPanel } from "@grafana/grafana-foundation-sdk/timeseries";
import { type DataLink, objectLink } from "./page-links.ts";
import { type Query, sources } from "./queries.ts";

export type Panels = readonly Builder<Panel>[];

/** Options of every panel. A dashboard row is 24 units wide. */
type PanelOptions = {
  readonly title: string;
  /** The description: what the panel shows, and what an abnormal value means. */
  readonly about: string;
  readonly queries: readonly Query[];
  readonly width?: number;
  readonly height?: number;
};
type NumberOptions = PanelOptions & {
  /** A Grafana unit: `s`, `ops`, `bytes`, `percentunit`, `short`. */
  readonly unit: string;
  /** The panel is red from this value on. */
  readonly redFrom?: number;
  readonly redBelow?: number;
  /** The axis begins at zero. Default: true. */
  readonly fromZero?: boolean;
};
type TableOptions = PanelOptions & {
  /** Grafana units by column. */
  readonly units?: Readonly<Record<string, string>>;
  /** Where the values of a column lead. */
  readonly links?: Readonly<Record<string, readonly DataLink[]>>;
};

export function timeseries(options: NumberOptions): Builder<Panel> {
  const panel = sized(new TimeseriesPanel(), options)
    .unit(options.unit)
    .fillOpacity(8)
    .thresholds(thresholds(options))
    .legend(new VizLegendOptionsBuilder().showLegend(true).placement(LegendPlacement.Bottom));
  return options.fromZero === false ? panel : panel.min(0);
}

export function stat(options: NumberOptions): Builder<Panel> {
  return sized(new StatPanel(), { width: 4, height: 4, ...options })
    .unit(options.unit)
    .thresholds(thresholds(options));
}

/** A table whose ids of events link to the row Event lookup, and they and those of payments to the page. */
export function eventTable(options: TableOptions): Builder<Panel> {
  const links = {
    event_id: [eventLink, objectLink("Show this event on the page", "/events")],
    payment_intent: [objectLink("Show this payment on the page", "/payments")],
  };
  return table({ links, ...options });
}

export function table(options: TableOptions): Builder<Panel> {
  const panel = sized(new TablePanel(), { width: 12, ...options });
  for (const [column, unit] of Object.entries(options.units ?? {}))
    panel.overrideByName(column, [{ id: "unit", value: unit }]);
  for (const [column, value] of Object.entries(options.links ?? {}))
    panel.overrideByName(column, [{ id: "links", value }]);
  return panel;
}

export function traceTable(options: PanelOptions): Builder<Panel> {
  return sized(new TablePanel(), options).datasource(sources.tempo);
}

export function logLines(options: PanelOptions): Builder<Panel> {
  return sized(new LogsPanel(), options).datasource(sources.loki);
}

interface Sizable<P> {
  title(title: string): P;
  description(text: string): P;
  span(width: number): P;
  height(height: number): P;
  targets(targets: ReturnType<Query>[]): P;
}

function sized<P extends Sizable<P>>(panel: P, { title, about, queries, width, height }: PanelOptions): P {
  return panel
    .title(title)
    .description(about)
    .span(width ?? 8)
    .height(height ?? 8)
    .targets(queries.map((query, index) => query(String.fromCodePoint(65 + index))));
}

function thresholds({ redFrom, redBelow }: NumberOptions): ThresholdsConfigBuilder {
  const [first, then] = redBelow === undefined ? (["green", "red"] as const) : (["red", "green"] as const);
  const bound = redBelow ?? redFrom;
  const steps: Threshold[] = [{ value: null, color: first }];
  if (bound !== undefined) steps.push({ value: bound, color: then });
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

/**
 * A data link of Grafana that keeps time range and variables. `__all_variables` would add `var-event_id` a second time,
 * and a text box ignores a list.
 */
const eventLink: DataLink = {
  title: "Look up this event",
  url: `/d/takings?${[
    "${__url_time_range}",
    ...["prometheus", "postgres", "tempo", "loki", "namespace", "livemode", "source", "account", "page"].map(
      (name) => `\${${name}:queryparam}`,
    ),
    "var-event_id=${__value.raw}",
  ].join("&")}`,
};
