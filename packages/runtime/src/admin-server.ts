import express, { type Express } from "express";
import type { Metrics } from "./metrics.ts";
import { type HttpServer, listen } from "./http-server.ts";
import { sendProblem } from "./problem.ts";

export type AdminOptions = {
  readonly port: number;
  /** The one address to listen on; all of them when `undefined`. */
  readonly host?: string | undefined;
  readonly metrics: Metrics;
  /** Why the service cannot do its job now, or `undefined` when it can. */
  readonly notReadyReason: () => string | undefined;
};

const limits = { headersTimeoutMs: 5_000, requestTimeoutMs: 10_000, maxConnections: 30, drainTimeoutMs: 0 };

/**
 * Starts the server of probes and metrics on a separate port. `/livez` responds as long as the event loop runs, and
 * depends on nothing else, so that an outage of a dependency never restarts a healthy process; `/readyz` responds 503 with
 * the reason while the service cannot do its job.
 */
export function startAdminServer(options: AdminOptions): Promise<HttpServer> {
  const { port, host } = options;
  return listen(adminApp(options), { port, host, limits, variable: "ADMIN_PORT" });
}

function adminApp({ metrics, notReadyReason }: AdminOptions): Express {
  const app = express().disable("x-powered-by").disable("etag");
  app.get("/livez", (_, response) => {
    response.type("text/plain").send("ok\n");
  });
  app.get("/readyz", (_, response) => {
    const reason = notReadyReason();
    response
      .status(reason === undefined ? 200 : 503)
      .type("text/plain")
      .send(`${reason ?? "ok"}\n`);
  });
  app.get("/metrics", async (request, response) => {
    // Not with content negotiation: the version parameter that scrapers send would have to match exactly.
    const wantsOpenMetrics = request.headers.accept?.includes("application/openmetrics-text") === true;
    const format = wantsOpenMetrics ? "openmetrics" : "prometheus";
    const { contentType, body } = await metrics.render(format);
    response.set("content-type", contentType).send(body);
  });
  app.use((_, response) => sendProblem(response, { status: 404 }));
  return app;
}
