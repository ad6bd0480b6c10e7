import type { Fields } from "../src/documented-fields.ts";

// Field names and kinds: "Provision Grafana" (https://grafana.com/docs/grafana/latest/administration/provisioning/) and
// the pages of the data sources in the documentation of Grafana 13. Only what a small installation may want to set.

const spanShift: Fields = { spanStartTimeShift: "duration", spanEndTimeShift: "duration" };
const tags: readonly [Fields] = [{ key: "text", value: "text" }];

const jsonData: Readonly<Record<string, Fields>> = {
  prometheus: {
    timeInterval: "duration",
    httpMethod: "text",
    prometheusType: "text",
    prometheusVersion: "text",
    manageAlerts: "flag",
    exemplarTraceIdDestinations: [
      { name: "text", datasourceUid: "text", url: "text", urlDisplayLabel: "text" },
    ],
  },
  tempo: {
    nodeGraph: { enabled: "flag" },
    search: { hide: "flag" },
    serviceMap: { datasourceUid: "text" },
    spanBar: { type: "text", tag: "text" },
    streamingEnabled: { search: "flag", metrics: "flag" },
    traceQuery: { timeShiftEnabled: "flag", ...spanShift },
    tracesToMetrics: {
      datasourceUid: "text",
      ...spanShift,
      tags,
      queries: [{ name: "text", query: "text" }],
    },
    tracesToLogsV2: {
      datasourceUid: "text",
      ...spanShift,
      tags,
      filterByTraceID: "flag",
      filterBySpanID: "flag",
      customQuery: "flag",
      query: "text",
    },
  },
  "grafana-postgresql-datasource": {
    database: "text",
    sslmode: "text",
    postgresVersion: "number",
    maxOpenConns: "number",
    timescaledb: "flag",
  },
  loki: {
    maxLines: "number",
    derivedFields: [
      {
        name: "text",
        matcherRegex: "text",
        matcherType: "text",
        url: "text",
        urlDisplayLabel: "text",
        datasourceUid: "text",
      },
    ],
  },
};

/** The fields of a data source of a type; undefined for a type that the charts do not use. */
export function dataSourceFields(type: string): Fields | undefined {
  const settings = jsonData[type];
  return (
    settings && {
      name: "text",
      uid: "text",
      type: "text",
      access: "text",
      orgId: "number",
      url: "text",
      user: "text",
      isDefault: "flag",
      editable: "flag",
      jsonData: settings,
      secureJsonData: "anything",
    }
  );
}

/** The fields of a file that names folders with dashboards. */
export const providerFields: Fields = {
  apiVersion: "number",
  providers: [
    {
      name: "text",
      orgId: "number",
      folder: "text",
      folderUid: "text",
      type: "text",
      disableDeletion: "flag",
      updateIntervalSeconds: "number",
      allowUiUpdates: "flag",
      options: { path: "text", foldersFromFilesStructure: "flag" },
    },
  ],
};

/**
 * Variables GF_SECTION_KEY of settings in "Configure Grafana"
 * (https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/). Grafana ignores unknown ones silently.
 */
export const documentedSettings: readonly string[] = [
  "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES",
  "GF_ANALYTICS_CHECK_FOR_UPDATES",
  "GF_ANALYTICS_REPORTING_ENABLED",
  "GF_AUTH_ANONYMOUS_ENABLED",
  "GF_AUTH_ANONYMOUS_ORG_ROLE",
  "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH",
  "GF_NEWS_NEWS_FEED_ENABLED",
  "GF_PLUGINS_PREINSTALL_DISABLED",
  "GF_SECURITY_ADMIN_PASSWORD",
  "GF_SERVER_ROOT_URL",
  "GF_USERS_VIEWERS_CAN_EDIT",
];
