import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import { VizLegendOptionsBuilder, LegendPlacement } from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as LogsPanel } from "@grafana/grafana-foundation-sdk/logs";
import { PanelBuilder as StatPanel } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TablePanel } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeseriesPanel } from "@grafana/grafana-foundation-sdk/timeseries";
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
};

export function timeseries(options: NumberOptions): Builder<Panel> {
  return sized(new TimeseriesPanel(), options)
    .unit(options.unit)
    .min(0)
    .fillOpacity(8)
    .thresholds(thresholds(options))
    .legend(new VizLegendOptionsBuilder().showLegend(true).placement(LegendPlacement.Bottom));
}

export function stat(options: NumberOptions): Builder<Panel> {
  return sized(new StatPanel(), { width: 4, height: 4, ...options })
    .unit(options.unit)
    .thresholds(thresholds(options));
}

/** Values of the column `event_id` link to the event. */
export function table(options: PanelOptions): Builder<Panel> {
  return sized(new TablePanel(), { width: 12, ...options }).overrideByName("event_id", [
    { id: "links", value: [eventLink().build()] },
  ]);
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

function eventLink(): DashboardLinkBuilder {
  return new DashboardLinkBuilder("Event as received")
    .type(DashboardLinkType.Link)
    .url("${api}/v1/events/${__value.raw}")
    .targetBlank(true);
}
