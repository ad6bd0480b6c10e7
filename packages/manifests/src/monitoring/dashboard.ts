import {
  CustomVariableBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Panels } from "./panels.ts";
import { sources } from "./queries.ts";

/** A row title and its panels, in order. */
export type Row = readonly [string, Panels];

/** A dashboard in the classic JSON format, which every Grafana version reads, with the common variables. */
export function dashboard(uid: string, title: string, rows: readonly Row[]): Dashboard {
  const board = new DashboardBuilder(title)
    .uid(uid)
    .tags(["takings"])
    .readonly()
    .refresh("30s")
    .time({ from: "now-6h", to: "now" })
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder("Takings")
        .type(DashboardLinkType.Dashboards)
        .tags(["takings"])
        .includeVars(true)
        .keepTime(true),
    );
  for (const [name, { type }] of Object.entries(sources)) {
    board.withVariable(new DatasourceVariableBuilder(name).type(type));
  }
  board
    .withVariable(
      new QueryVariableBuilder("namespace")
        .datasource(sources.prometheus)
        .query("label_values(takings_build_info, namespace)")
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .includeAll(true)
        .allValue(".*")
        .current({ text: "All", value: "$__all", selected: true }),
    )
    .withVariable(
      new CustomVariableBuilder("livemode")
        .values("true,false")
        .current({ text: "true", value: "true", selected: true }),
    )
    .withVariable(
      new TextBoxVariableBuilder("account").label("account (empty: platform, *: all)").defaultValue(""),
    )
    .withVariable(new TextBoxVariableBuilder("event_id").label("event id").defaultValue(""))
    .withVariable(
      new TextBoxVariableBuilder("api").label("revenue-query URL").defaultValue("http://localhost:8081"),
    );
  for (const [headline, panels] of rows) {
    board.withRow(new RowBuilder(headline));
    for (const panel of panels) board.withPanel(panel);
  }
  return board.build();
}
