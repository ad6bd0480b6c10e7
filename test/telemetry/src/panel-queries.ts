import { dashboards } from "@takings/manifests";

/** A question that a panel asks, as the data source gets it from Grafana. */
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
type Panel = { readonly title?: string; readonly targets?: readonly Target[] };

/** What Grafana puts in the place of variables and macros: the standing choice, and the last six hours. */
const filled: readonly (readonly [string, string])[] = [
  ["$namespace", ".*"],
  ["$__rate_interval", "30s"],
  ["${livemode}", "true"],
  ["${account:sqlstring}", "''"],
  ["$__timeFrom()", "(now() - interval '6 hours')"],
  ["$__timeTo()", "now()"],
];

/** Every question of every panel. */
export function panelQueries(): readonly PanelQuery[] {
  return Object.values(dashboards()).flatMap((dashboard) =>
    // As it is written to the file, without the builders' types.
    (JSON.parse(JSON.stringify(dashboard.panels)) as Panel[]).flatMap(({ title = "", targets = [] }) =>
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

function fill(text: string): string {
  const named = filled.reduce((result, [name, value]) => result.replaceAll(name, value), text);
  return named.replaceAll(
    /\$__timeFilter\((\w+)\)/g,
    "$1 between now() - interval '6 hours' and now() + interval '1 minute'",
  );
}
