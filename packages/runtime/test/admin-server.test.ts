import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Counter } from "prom-client";
import { startAdminServer } from "../src/admin-server.ts";
import type { HttpServer } from "../src/http-server.ts";
import { createMetrics } from "../src/metrics.ts";

describe("the admin port", () => {
  let server: HttpServer;
  let reason: string | undefined;

  beforeEach(async () => {
    const metrics = createMetrics();
    new Counter({ name: "takings_things_total", help: "h", registers: [metrics.registry] }).inc(3);
    server = await startAdminServer({ port: 0, metrics, notReadyReason: () => reason });
    reason = undefined;
  });
  afterEach(() => server.close());

  async function get(path: string, accept = "*/*"): Promise<{ status: number; type: string; text: string }> {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      headers: { accept, connection: "close" },
    });
    return {
      status: response.status,
      type: response.headers.get("content-type") ?? "",
      text: await response.text(),
    };
  }

  it("reports the process as alive whatever else is wrong", async () => {
    reason = "NATS is away";
    expect((await get("/livez")).status).to.equal(200);
  });

  it("reports the service as ready when it is", async () => {
    expect(await get("/readyz")).to.include({ status: 200, text: "ok\n" });
  });

  it("reports why the service is not ready at that time", async () => {
    reason = "NATS is away";
    expect(await get("/readyz")).to.include({ status: 503, text: "NATS is away\n" });
    reason = undefined;
    expect((await get("/readyz")).status).to.equal(200);
  });

  it("returns the metrics as Prometheus text by default", async () => {
    const { status, type, text } = await get("/metrics");
    expect(status).to.equal(200);
    expect(type).to.match(/^text\/plain/);
    expect(text).to.match(/^takings_things_total 3$/m);
  });

  it("returns OpenMetrics to a scraper that prefers it, as Prometheus does", async () => {
    const accept =
      "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    const { type, text } = await get("/metrics", accept);
    expect(type).to.match(/^application\/openmetrics-text/);
    expect(text).to.match(/^takings_things_total 3$/m);
    expect(text).to.match(/# EOF\n$/);
  });

  it("responds 404 to any other path", async () => {
    expect(await get("/")).to.include({ status: 404, type: "application/problem+json; charset=utf-8" });
  });
});
