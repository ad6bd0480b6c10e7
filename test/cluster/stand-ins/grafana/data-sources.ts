import { isObject, undocumented, valueAt } from "../src/documented-fields.ts";
import { dataSourceFields } from "./grafana-fields.ts";

/** A provisioned data source, as far as the checks read it. */
export type DataSource = { readonly uid: string; readonly type: string; readonly url: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** The data sources of a parsed provisioning file. */
export function dataSourcesOf(file: unknown): readonly DataSource[] {
  return sourcesIn(file).map((source) => ({
    uid: String(valueAt(source, "uid")),
    type: String(valueAt(source, "type")),
    url: String(valueAt(source, "url")),
  }));
}

/** What is wrong with a provisioning file of data sources: fields, links between them, and missing variables. */
export function dataSourceProblems(file: unknown, env: Environment): string[] {
  const sources = dataSourcesOf(file);
  const uids = sources.map(({ uid }) => uid);
  const defaults = sourcesIn(file).filter((source) => valueAt(source, "isDefault") === true);
  return [
    ...sourcesIn(file).flatMap(fieldProblems),
    ...uids
      .filter((uid, index) => uids.indexOf(uid) !== index)
      .map((uid) => `two data sources have the uid ${uid}`),
    ...(defaults.length === 1 ? [] : [`${defaults.length} data sources are the default`]),
    ...[...new Set(linkedUids(file))]
      .filter((uid) => !uids.includes(uid))
      .map((uid) => `a link leads to the data source ${uid}, which is not provisioned`),
    ...variables(file)
      .filter((name) => env[name] === undefined)
      .map((name) => `the variable ${name} is not set`),
  ];
}

function sourcesIn(file: unknown): readonly unknown[] {
  const sources = valueAt(file, "datasources");
  return Array.isArray(sources) ? sources : [];
}

function fieldProblems(source: unknown): string[] {
  const type = valueAt(source, "type");
  const fields = typeof type === "string" ? dataSourceFields(type) : undefined;
  return fields === undefined
    ? [`${String(type)} is not a known type of data source`]
    : undocumented(source, fields, String(valueAt(source, "name")));
}

/** The values of every field `datasourceUid`. */
function linkedUids(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(linkedUids);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, content]) =>
    name === "datasourceUid" ? [String(content)] : linkedUids(content),
  );
}

/** The variables that Grafana replaces; `$$` stands for a dollar sign. */
function variables(file: unknown): readonly string[] {
  return [...JSON.stringify(file).matchAll(/(?<!\$)\$\{?(\w+)/g)].map(([, name = ""]) => name);
}
