import { withClient } from "@takings/local";
import { eventually, storeBalance } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import {
  exemplarTraces,
  type JaegerSpan,
  queryRange,
  traceOf,
  tracesOfEvent,
  treeOf,
} from "./src/query-backends.ts";
import { type Backends, startBackends } from "./src/backends.ts";
import { panelQueries, type PanelQuery } from "./src/panel-queries.ts";
import { alerts } from "@takings/manifests";
import { type Product, startProduct } from "./src/product.ts";

const week = 7 * 86_400;
/**
 * False for queries of backends that these tests do not have: Tempo with its metrics, Loki, kube-state-metrics, and
 * `takings endpoint watch`, whose metrics have tests of their own.
 */
const isQueried = ({ source, text }: PanelQuery): boolean =>
  ["prometheus", "postgres"].includes(source) && !/kube_|traces_|takings_endpoint_/.test(text);

describe("telemetry in a real collector, Prometheus and Jaeger", function () {
  this.timeout(120_000);
  let product: Product;
  let backends: Backends;
  /** The id of an event that was sent while there were no others. */
  let singleEvent: string;

  before(async () => {
    product = await startProduct();
    // Before the services start, because their gauges of it are read only once a minute.
    await storeBalance(product.database);
    backends = await startBackends(product.targets);
    await product.start(backends.env);
    singleEvent = (await product.send()).id;
    await eventually("its commit", () => isCommitted(singleEvent));
  });
  after(async () => {
    await backends?.[Symbol.asyncDispose]();
    await product?.[Symbol.asyncDispose]();
  });

  async function get(path: string): Promise<Response> {
    const response = await fetch(`${product.service("revenue-query").url}${path}`);
    await response.clone().arrayBuffer();
    return response;
  }
  async function isCommitted(id: string): Promise<boolean> {
    return (await get(`/v1/events/${id}`)).ok;
  }
  const isRoot = ({ parent }: JaegerSpan): boolean => parent === undefined;

  it("has one trace per event, found by the event id, from the HTTP request to the COMMIT", async () => {
    const spans = await eventually("the complete trace", async () => {
      const found = await tracesOfEvent(backends.jaegerUrl, singleEvent);
      const has = (name: string): boolean =>
        found.some(({ operationName }) => operationName.startsWith(name));
      const isComplete = has("process STRIPE_EVENTS") && has("pg.query:COMMIT");
      return isComplete && treeOf(found).length === found.length ? found : undefined;
    });
    expect(new Set(spans.map(({ traceID }) => traceID)).size).to.equal(1);
    const lines = treeOf(spans).map((line) => line.trim().replace(/ test_\w+$/, ""));
    const wanted = [
      "ingress: POST /webhooks/stripe",
      "ingress: publish STRIPE_EVENTS",
      "consumer: process STRIPE_EVENTS",
      "consumer: pg.query:BEGIN",
      "consumer: pg.query:write-events",
      "consumer: pg.query:write-ledger",
      "consumer: pg.query:COMMIT",
    ];
    expect(lines.filter((line) => wanted.includes(line))).to.deep.equal(wanted);
    expect(lines, "every span is a descendant of the request").to.have.length(spans.length);
  });

  it("links an event of a batch to the trace of the batch, which contains the SQL statements", async () => {
    await product.service("consumer").end("SIGTERM");
    const sent = await Promise.all(Array.from({ length: 20 }, () => product.send()));
    await product.start(backends.env);
    const batches = await eventually("links to batches", async () => {
      const found = await Promise.all(sent.map(({ id }) => tracesOfEvent(backends.jaegerUrl, id)));
      const links = found.flat().flatMap((span) => span.links);
      return links.length > 1 ? [...new Set(links)] : undefined;
    });
    const operations = await eventually("the batch's spans", async () => {
      const spans = (await Promise.all(batches.map((id) => traceOf(backends.jaegerUrl, id)))).flat();
      return spans.some(isRoot) ? spans.map(({ operationName }) => operationName) : undefined;
    });
    expect(operations).to.include("process STRIPE_EVENTS batch");
    expect(operations.filter((name) => name.startsWith("pg.query:COMMIT"))).not.to.deep.equal([]);
  });

  for (const [histogram, service] of [
    ["takings_event_freshness_seconds_bucket", "consumer"],
    ["takings_webhook_duration_seconds_bucket", "ingress"],
  ] as const) {
    it(`links an exemplar of ${histogram} to a trace and its event`, async () => {
      const event = await eventually("an exemplar whose trace names an event", async () => {
        for (const traceId of await exemplarTraces(backends.prometheusUrl, histogram)) {
          const spans = await traceOf(backends.jaegerUrl, traceId);
          const linked = spans.find((span) => span.service === service && span.tags["messaging.message.id"]);
          const id = spans.find(({ tags }) => tags["messaging.message.id"])?.tags["messaging.message.id"];
          if (linked !== undefined && spans.some(isRoot)) return String(id);
        }
        return undefined;
      });
      const response = (await (await get(`/v1/events/${event}`)).json()) as { event_id: string };
      expect(response.event_id).to.equal(event);
    });
  }

  describe("on the dashboards", () => {
    before(async () => {
      // A rate needs a scrape before the traffic, and Prometheus starts to scrape some seconds after its start.
      const scraped = 'sum(up) == 3 and sum(takings_query_duration_seconds_count{route="/v1/revenue"}) == 0';
      await eventually(
        "a first scrape of each service",
        async () => (await queryRange(backends.prometheusUrl, scraped)).length > 0,
        30_000,
      );
      for (const currency of ["usd", "jpy", "kwd"]) {
        await product.send({ currency });
        await product.send({ currency, ageSeconds: week + 60 });
      }
      await product.send({ id: singleEvent });
      await product.send({ amount: -1 });
      await product.send({ secret: "whsec_of_nobody" });
      const { id } = await product.send();
      await eventually("the last of them", () => isCommitted(id));
      await Promise.all(["/v1/revenue", "/v1/ledger", "/v1/nowhere"].map(get));
      const all =
        "sum(takings_events_quarantined_total) > 0 and sum(takings_query_duration_seconds_count) > 2";
      await eventually(
        "several scrapes of this traffic",
        async () => {
          const [seen] = await queryRange(backends.prometheusUrl, all);
          return (seen?.values.length ?? 0) > 1;
        },
        60_000,
      );
    });

    for (const query of panelQueries().filter(isQueried)) {
      it(`has data: ${query.dashboard} / ${query.panel}${query.letter === "A" ? "" : ` ${query.letter}`}`, async () => {
        const found = await eventually("data", async () => {
          const values = await run(query);
          return values.length > 0 ? values : undefined;
        });
        expect(found).not.to.deep.equal([]);
      });
    }

    it("has every metric that the alerts use", async () => {
      // Metrics of reconcile appear after its first run; others come from kube-state-metrics and `takings endpoint watch`.
      const elsewhere = /^(?:takings_reconcile_|takings_endpoint_|kube_)/;
      const used = alerts.flatMap(({ expr }) => expr.match(/\b(?:takings|kube)_\w+/g) ?? []);
      const needed = [...new Set(used)].filter((name) => !elsewhere.test(name));
      expect(needed.length).to.be.greaterThan(10);
      for (const name of needed) {
        expect(await queryRange(backends.prometheusUrl, `count(${name})`), name).not.to.deep.equal([]);
      }
    });

    it("leaves out only one query of Tempo, one of Loki, and those of Tempo's metrics, the autoscaler and the endpoint", () => {
      const left = panelQueries().filter((query) => !isQueried(query));
      const [metrics, others] = [true, false].map((isPrometheus) =>
        left.filter(({ source }) => (source === "prometheus") === isPrometheus),
      );
      expect(others?.map(({ source }) => source)).to.deep.equal(["tempo", "loki"]);
      const names = metrics?.flatMap(({ text }) =>
        text.match(/\b(?:kube|traces|takings|process|nodejs)_\w+/g),
      );
      expect([...new Set(names)]).to.have.members([
        "kube_horizontalpodautoscaler_status_current_replicas",
        "kube_horizontalpodautoscaler_status_desired_replicas",
        "kube_horizontalpodautoscaler_spec_max_replicas",
        "takings_endpoint_condition",
        "takings_endpoint_checked_timestamp_seconds",
        "traces_spanmetrics_calls_total",
        "traces_spanmetrics_latency_bucket",
        "traces_service_graph_request_total",
        "traces_service_graph_request_failed_total",
        "traces_service_graph_request_server_seconds_bucket",
      ]);
    });

    it("shows amounts in major units, exact for currencies with no, two and three decimals", async () => {
      const [query] = panelQueries().filter(({ text }) => text.includes('as "a week ago"'));
      const rows = (await run(query as PanelQuery)) as { currency: string; "a week ago": string }[];
      const weekAgo = Object.fromEntries(rows.map((row) => [row.currency, Number(row["a week ago"])]));
      expect(weekAgo).to.deep.equal({ usd: 12.5, jpy: 1_250, kwd: 1.25 });
    });
  });

  async function run({ source, text }: PanelQuery): Promise<readonly unknown[]> {
    if (source === "postgres") {
      const filled = text.replaceAll("${event_id:sqlstring}", `'${singleEvent}'`);
      return withClient(product.database.readerUrl, async (client) => (await client.query(filled)).rows);
    }
    const series = await queryRange(backends.prometheusUrl, text);
    return series.flatMap(({ values }) => values).filter(([, value]) => Number.isFinite(Number(value)));
  }
});
