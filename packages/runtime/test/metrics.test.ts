import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { describe, it } from "mocha";
import { Counter, Gauge, Histogram } from "prom-client";
import { createMetrics, type Metrics, registerBuildInfo } from "../src/metrics.ts";
import { registerPoolMetrics } from "../src/pool-metrics.ts";

function withSome(): Metrics {
  const metrics = createMetrics();
  const registers = [metrics.registry];
  new Counter({ name: "some_requests_total", help: "h", labelNames: ["outcome"], registers }).inc({
    outcome: "a",
  });
  new Gauge({ name: "some_level", help: "h", registers }).set(4);
  new Histogram({
    name: "some_seconds",
    help: "h",
    buckets: [1],
    enableExemplars: true,
    registers,
  }).observe({ value: 0.5, labels: {}, exemplarLabels: { trace_id: "0af7651916cd43dd8448eb211c80319c" } });
  return metrics;
}

function expectPrometheus({ contentType, body }: { contentType: string; body: string }): void {
  expect(contentType).to.match(/^text\/plain; version=0\.0\.4/);
  expect(body).to.contain('\nsome_requests_total{outcome="a"} 1\n');
  expect(body).to.match(/^# TYPE some_requests_total counter$/m);
  expect(body).to.match(/^some_seconds_bucket\{le="1"\} 1$/m);
  expect(body).not.to.contain("trace_id");
  expect(body).not.to.contain("# EOF");
}

function expectOpenMetrics({ contentType, body }: { contentType: string; body: string }): void {
  expect(contentType).to.match(/^application\/openmetrics-text; version=1\.0\.0/);
  expect(body).to.contain('\nsome_requests_total{outcome="a"} 1\n');
  expect(body).to.match(/^# TYPE some_requests counter$/m);
  expect(body).to.match(
    /^some_seconds_bucket\{le="1"\} 1 # \{trace_id="0af7651916cd43dd8448eb211c80319c"\} 0\.5/m,
  );
  expect(body).to.match(/# EOF\n$/);
}

describe("the metrics of a process", () => {
  it("keep their names when both formats are read in turn", async () => {
    const metrics = withSome();
    for (let round = 0; round < 3; round += 1) {
      expectPrometheus(await metrics.render("prometheus"));
      expectOpenMetrics(await metrics.render("openmetrics"));
    }
  });

  it("keep their names when both formats are read at the same time", async () => {
    const metrics = withSome();
    const formats = Array.from({ length: 20 }, (_, index) =>
      index % 3 === 0 ? "openmetrics" : "prometheus",
    );
    const texts = await Promise.all(formats.map((format) => metrics.render(format as "openmetrics")));
    for (const [index, text] of texts.entries()) {
      if (formats[index] === "openmetrics") expectOpenMetrics(text);
      else expectPrometheus(text);
    }
  });

  it("can be created and counted between renderings", async () => {
    const metrics = withSome();
    await metrics.render("prometheus");
    const registers = [metrics.registry];
    const late = new Histogram({ name: "late", help: "h", buckets: [1], enableExemplars: true, registers });
    late.observe({ value: 2, labels: {}, exemplarLabels: { trace_id: "x" } });
    expect((await metrics.render("prometheus")).body).to.match(/^late_count 1$/m);
  });

  it("can be rendered after one of them failed to be", async () => {
    const metrics = withSome();
    let broken = true;
    const fragile = new Gauge({
      name: "fragile",
      help: "h",
      registers: [],
      collect() {
        if (broken) throw new Error("cannot be collected");
      },
    });
    metrics.registry.registerMetric(fragile);
    expect(await metrics.render("openmetrics").then(String, String)).to.contain("cannot be collected");
    broken = false;
    expectPrometheus(await metrics.render("prometheus"));
  });

  it("include those of Node itself", async () => {
    const { body } = await createMetrics().render("prometheus");
    expect(body).to.match(/^nodejs_eventloop_lag_seconds /m);
    expect(body).to.match(/^process_resident_memory_bytes /m);
  });

  it("name the service and the product's version", async () => {
    const product = JSON.parse(await readFile(new URL("../../../package.json", import.meta.url), "utf8"));
    const metrics = createMetrics();
    registerBuildInfo(metrics, "some-service");
    const { body } = await metrics.render("prometheus");
    const labels = `service="some-service",version="${product.version}"`;
    expect(body).to.contain(`\ntakings_build_info{${labels}} 1\n`);
  });

  it("have the used and idle connections of a pool and its waiting queries", async () => {
    const metrics = createMetrics();
    registerPoolMetrics(metrics, { totalCount: 3, idleCount: 1, waitingCount: 7 });
    const { body } = await metrics.render("prometheus");
    expect(body).to.contain('\ntakings_postgres_connections{state="used"} 2\n');
    expect(body).to.contain('\ntakings_postgres_connections{state="idle"} 1\n');
    expect(body).to.contain("\ntakings_postgres_waiting 7\n");
  });
});
