import { dashboards } from "@takings/manifests";

/** A query of a panel, as Grafana sends it to the data source. */
export type PanelQuery = {
  readonly dashboard: string;
  readonly panel: string;
  readonly letter: string;
  readonly source: string;
  readonly text: string;
};

type Target = {
  readonly refId: string;
  readonly datasource: { readonly uid: string };
  readonly expr?: string;
  readonly rawSql?: string;
  readonly query?: string;
};
type Panel = {
  readonly title?: string;
  readonly targets?: readonly Target[];
  /** Of a closed row. */
  readonly panels?: readonly Panel[];
};

/** The values of Grafana's variables and macros: the defaults and the last six hours. */
const substitutions: readonly (readonly [string, string])[] = [
  ["$namespace", ".*"],
  ["$__rate_interval", "30s"],
  ["${livemode:sqlstring}", "'true'"],
  ["${source:sqlstring}", "'default'"],
  ["${account:sqlstring}", "''"],
  ["$__timeFrom()", "(now() - interval '6 hours')"],
  ["$__timeTo()", "now()"],
];

/** All queries of all panels. */
export function panelQueries(): readonly PanelQuery[] {
  return Object.values(dashboards()).flatMap((dashboard) =>
    // As in the generated file, without the types of the builders.
    panelsOf(JSON.parse(JSON.stringify(dashboard))).flatMap(({ title = "", targets = [] }) =>
      targets.map(({ refId, datasource, expr, rawSql, query }) => ({
        dashboard: dashboard.title ?? "",
        panel: title,
        letter: refId,
        source: datasource.uid.replaceAll(/\W/g, ""),
        text: fill(expr ?? rawSql ?? query ?? ""),
      })),
    ),
  );
}

function panelsOf({ panels = [] }: { readonly panels?: readonly Panel[] }): Panel[] {
  return panels.flatMap((panel) => [panel, ...panelsOf(panel)]);
}

function fill(text: string): string {
  const named = substitutions.reduce((result, [name, value]) => result.replaceAll(name, value), text);
  return named.replaceAll(
    /\$__timeFilter\((\w+)\)/g,
    "$1 between now() - interval '6 hours' and now() + interval '1 minute'",
  );
}
