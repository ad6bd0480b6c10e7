import { withClient } from "@takings/local";
import { eventually } from "@takings/testkit";
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
/** Panels that ask what is not there: the language of another trace store, logs, and Kubernetes. */
const notQueried = ["Traces", "Logs", "Consumer replicas"];

describe("telemetry in a real collector, Prometheus and Jaeger", function () {
  this.timeout(120_000);
  let product: Product;
  let backends: Backends;
  let alone: string;

  before(async () => {
    product = await startProduct();
    backends = await startBackends(product.targets);
    await product.start(backends.env);
    alone = (await product.send()).id;
    await eventually("its commit", () => isCommitted(alone));
  });
  after(async () => {
    await backends?.[Symbol.asyncDispose]();
    await product?.[Symbol.asyncDispose]();
  });

  async function ask(path: string): Promise<Response> {
    const response = await fetch(`${product.service("revenue-query").url}${path}`);
    await response.clone().arrayBuffer();
    return response;
  }
  async function isCommitted(id: string): Promise<boolean> {
    return (await ask(`/v1/events/${id}`)).ok;
  }
  const isRoot = ({ parent }: JaegerSpan): boolean => parent === undefined;

  it("is one trace of an event, found by its id, from the request to the COMMIT in order", async () => {
    const spans = await eventually("the whole trace", async () => {
      const found = await tracesOfEvent(backends.jaegerUrl, alone);
      const services = new Set(found.map(({ service }) => service));
      return services.size === 2 && found.some(isRoot) ? found : undefined;
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
    expect(lines, "every span hangs on the request").to.have.length(spans.length);
  });

  it("leads from an event of a batch to the trace of its batch, which holds the SQL", async () => {
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
    it(`leads from a point of ${histogram} to the trace behind it, and on to the event`, async () => {
      const event = await eventually("an exemplar whose trace names an event", async () => {
        for (const traceId of await exemplarTraces(backends.prometheusUrl, histogram)) {
          const spans = await traceOf(backends.jaegerUrl, traceId);
          const about = spans.find((span) => span.service === service && span.tags["messaging.message.id"]);
          const id = spans.find(({ tags }) => tags["messaging.message.id"])?.tags["messaging.message.id"];
          if (about !== undefined && spans.some(isRoot)) return String(id);
        }
        return undefined;
      });
      const answer = (await (await ask(`/v1/events/${event}`)).json()) as { event_id: string };
      expect(answer.event_id).to.equal(event);
    });
  }

  describe("is shown by the dashboards", () => {
    before(async () => {
      // A rate is the growth between two scrapes, and Prometheus begins to scrape some seconds after its start.
      const scraped = 'sum(up) == 3 and sum(takings_query_duration_seconds_count{route="/v1/revenue"}) == 0';
      await eventually(
        "a scrape of each service before there is anything to see",
        async () => (await queryRange(backends.prometheusUrl, scraped)).length > 0,
        30_000,
      );
      for (const currency of ["usd", "jpy", "kwd"]) {
        await product.send({ currency });
        await product.send({ currency, ageSeconds: week + 60 });
      }
      await product.send({ id: alone });
      await product.send({ amount: -1 });
      await product.send({ secret: "whsec_of_nobody" });
      const { id } = await product.send();
      await eventually("the last of them", () => isCommitted(id));
      await Promise.all(["/v1/revenue", "/v1/ledger", "/v1/nowhere"].map(ask));
      const all =
        "sum(takings_events_quarantined_total) > 0 and sum(takings_query_duration_seconds_count) > 2";
      await eventually(
        "some scrapes with all of that",
        async () => {
          const [seen] = await queryRange(backends.prometheusUrl, all);
          return (seen?.values.length ?? 0) > 1;
        },
        60_000,
      );
    });

    for (const query of panelQueries().filter(({ panel }) => !notQueried.includes(panel))) {
      it(`with data: ${query.dashboard} / ${query.panel}${query.letter === "A" ? "" : ` ${query.letter}`}`, async () => {
        const found = await eventually("data", async () => {
          const values = await answers(query);
          return values.length > 0 ? values : undefined;
        });
        expect(found).not.to.deep.equal([]);
      });
    }

    it("and by alerts that ask for nothing that nobody reports", async () => {
      // Those of reconciling appear with its first run, those of autoscaling where kube-state-metrics is.
      const elsewhere = /^(?:takings_reconcile_|kube_)/;
      const asked = alerts.flatMap(({ expr }) => expr.match(/\b(?:takings|kube)_\w+/g) ?? []);
      const needed = [...new Set(asked)].filter((name) => !elsewhere.test(name));
      expect(needed.length).to.be.greaterThan(10);
      for (const name of needed) {
        expect(await queryRange(backends.prometheusUrl, `count(${name})`), name).not.to.deep.equal([]);
      }
    });

    it("and nothing was left out but what needs Tempo, Loki or Kubernetes", () => {
      const left = panelQueries().filter(({ panel }) => notQueried.includes(panel));
      expect(left.filter(({ source }) => source !== "prometheus").map(({ source }) => source)).to.deep.equal([
        "tempo",
        "loki",
      ]);
      for (const { text } of left.filter(({ source }) => source === "prometheus")) {
        expect(text).to.contain("kube_horizontalpodautoscaler_");
      }
    });

    it("with money in major units, exact for currencies of no, two and three decimals", async () => {
      const [query] = panelQueries().filter(({ panel }) => panel.startsWith("Net revenue: last 60"));
      const rows = (await answers(query as PanelQuery)) as { currency: string; "a week ago": string }[];
      const weekAgo = Object.fromEntries(rows.map((row) => [row.currency, Number(row["a week ago"])]));
      expect(weekAgo).to.deep.equal({ usd: 12.5, jpy: 1_250, kwd: 1.25 });
    });
  });

  async function answers({ source, text }: PanelQuery): Promise<readonly unknown[]> {
    if (source === "postgres") {
      const filled = text.replaceAll("${event_id:sqlstring}", `'${alone}'`);
      return withClient(product.database.readerUrl, async (client) => (await client.query(filled)).rows);
    }
    const series = await queryRange(backends.prometheusUrl, text);
    return series.flatMap(({ values }) => values).filter(([, value]) => Number.isFinite(Number(value)));
  }
});
