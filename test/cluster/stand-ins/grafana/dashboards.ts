import { isObject, valueAt } from "../src/documented-fields.ts";
import type { DataSource } from "./data-sources.ts";

/** Data sources that an installation may not have. */
const optionalTypes = ["loki"];

/** What is wrong with a dashboard: its identity, ids of panels, data sources, and links that Grafana no longer opens. */
export function dashboardProblems(dashboard: unknown, sources: readonly DataSource[]): string[] {
  const ids = panelsIn(dashboard).map((panel) => valueAt(panel, "id"));
  const variables = listAt(dashboard, "templating.list").filter(
    (one) => valueAt(one, "type") === "datasource",
  );
  const known = [
    ...sources.map(({ uid }) => uid),
    ...variables.map((variable) => `\${${String(valueAt(variable, "name"))}}`),
    // Annotations and the like of Grafana itself.
    "grafana",
    "-- Grafana --",
  ];
  const types = [...optionalTypes, ...sources.map(({ type }) => type)];
  return [
    ...["uid", "title"].filter((field) => !valueAt(dashboard, field)).map((field) => `it has no ${field}`),
    ...(ids.length === 0 ? ["it has no panels"] : []),
    ...[...new Set(ids.filter((id, index) => id === undefined || ids.indexOf(id) !== index))].map(
      (id) => `two panels have the id ${String(id)}`,
    ),
    ...[...new Set(usedUids(dashboard))]
      .filter((uid) => !known.includes(uid))
      .map((uid) => `the data source ${uid} does not exist`),
    ...variables
      .map((variable) => String(valueAt(variable, "query")))
      .filter((type) => !types.includes(type))
      .map((type) => `no data source has the type ${type}`),
    // Replaced by `panes` in Grafana 10: https://grafana.com/docs/grafana/latest/explore/
    ...(/\/explore\?(orgId=\d+&)?left=/.test(JSON.stringify(dashboard))
      ? ["it has a link to Explore in the format of Grafana 9 (left=…)"]
      : []),
  ];
}

/** All panels, with those inside collapsed rows. */
function panelsIn(dashboard: unknown): readonly unknown[] {
  return listAt(dashboard, "panels").flatMap((panel) => [panel, ...listAt(panel, "panels")]);
}

/** The uid of every field `datasource`. */
function usedUids(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(usedUids);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, content]) => {
    const uid = name === "datasource" ? valueAt(content, "uid") : undefined;
    return typeof uid === "string" ? [uid] : usedUids(content);
  });
}

function listAt(value: unknown, path: string): readonly unknown[] {
  const list = valueAt(value, path);
  return Array.isArray(list) ? list : [];
}
