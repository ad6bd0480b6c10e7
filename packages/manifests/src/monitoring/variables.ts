import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableHide,
  type VariableModel,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { livemodes, sourceNames } from "./dashboard-sql.ts";
import { sources } from "./queries.ts";

/** The default of the variable `page`, which templates of the chart replace. */
const localPage = "http://127.0.0.1:8081";

/** A variable of a dashboard. */
export type Variable = Builder<VariableModel>;

/** The data source of a type. Grafana takes the one with this uid or name, or else the first of the type. */
function dataSource(name: keyof typeof sources, title: string): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder(name)
    .type(sources[name].type)
    .current({ text: title, value: name, selected: true });
}

export const prometheus: Variable = dataSource("prometheus", "Prometheus");
export const postgres: Variable = dataSource("postgres", "PostgreSQL");
export const tempo: Variable = dataSource("tempo", "Tempo");
/** Hidden, because Grafana marks a visible variable as an error where there is no such data source. */
export const loki: Variable = dataSource("loki", "Loki").hide(VariableHide.HideVariable);

/** The namespaces in which the product runs; all at first. */
export const namespace: Variable = new QueryVariableBuilder("namespace")
  .datasource(sources.prometheus)
  .query("label_values(takings_build_info, namespace)")
  .refresh(VariableRefresh.OnTimeRangeChanged)
  .includeAll(true)
  .allValue(".*")
  .current({ text: "All", value: "$__all", selected: true });

/** The modes that have ledger entries or a balance, live mode first. It has no default, so Grafana takes the first one. */
export const livemode: Variable = new QueryVariableBuilder("livemode")
  .datasource(sources.postgres)
  .query(livemodes)
  // Each refresh of the dashboard changes the time range, so a mode appears soon after its first entry.
  .refresh(VariableRefresh.OnTimeRangeChanged);

/** The sources of webhooks. It has no default, so Grafana takes the first one. */
export const source: Variable = new QueryVariableBuilder("source")
  .datasource(sources.postgres)
  .query(sourceNames)
  .refresh(VariableRefresh.OnTimeRangeChanged);

export const account: Variable = new TextBoxVariableBuilder("account")
  .label("account (empty: platform, *: all)")
  .defaultValue("");

/** Where the page for people is: at first that of a local run, or of a forwarded port. The chart sets it (revenueQuery.page). */
export const page: Variable = new TextBoxVariableBuilder("page")
  .label("page for people")
  .defaultValue(localPage);

export const eventId: Variable = new TextBoxVariableBuilder("event_id").label("event id").defaultValue("");
