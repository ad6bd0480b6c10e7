import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import { DataqueryBuilder as LokiQuery } from "@grafana/grafana-foundation-sdk/loki";
import { DataqueryBuilder as PrometheusQuery } from "@grafana/grafana-foundation-sdk/prometheus";
import { DataqueryBuilder as TempoQuery } from "@grafana/grafana-foundation-sdk/tempo";

/** A query of a panel that still needs its reference letter. */
export type Query = (refId: string) => Builder<Dataquery>;

/** Data sources by variable, so that dashboards work in every installation. */
export const sources = {
  prometheus: { type: "prometheus", uid: "${prometheus}" },
  postgres: { type: "grafana-postgresql-datasource", uid: "${postgres}" },
  tempo: { type: "tempo", uid: "${tempo}" },
  loki: { type: "loki", uid: "${loki}" },
} as const;

function promql(expr: string, legend: string, refId: string): PrometheusQuery {
  return new PrometheusQuery().datasource(sources.prometheus).expr(expr).legendFormat(legend).refId(refId);
}

/** PromQL over the selected time range. */
export function range(expr: string, legend: string): Query {
  return (refId) => promql(expr, legend, refId).range();
}

/** PromQL over the selected time range, on a histogram whose exemplars link to traces. */
export function rangeWithExemplars(expr: string, legend: string): Query {
  return (refId) => promql(expr, legend, refId).range().exemplar(true);
}

/** PromQL at the end of the selected time range. */
export function now(expr: string, legend: string): Query {
  return (refId) => promql(expr, legend, refId).instant();
}

/** SQL, run as the role `takings_reader`. The SDK has no builder for this data source. */
export function sql(text: string, format: "table" | "time_series"): Query {
  return (refId) => ({
    build: () => ({
      datasource: sources.postgres,
      refId,
      editorMode: "code",
      rawQuery: true,
      rawSql: text,
      format,
      _implementsDataqueryVariant: () => {},
    }),
  });
}

export function traces(traceql: string): Query {
  return (refId) =>
    new TempoQuery().datasource(sources.tempo).queryType("traceql").query(traceql).limit(20).refId(refId);
}

export function logs(logql: string): Query {
  return (refId) => new LokiQuery().datasource(sources.loki).expr(logql).refId(refId);
}
