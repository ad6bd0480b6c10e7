import { context } from "@opentelemetry/api";
import type { BalanceReader, PaymentReader } from "@takings/domain";
import type { Logger } from "@takings/runtime";
import express, { type Express, type RequestHandler } from "express";
import { cacheStatus } from "../background/cache-status.ts";
import type { RequestMetrics } from "../metrics.ts";
import type { Installation } from "../parameters/ledger-filter.ts";
import { createPageAccess, type PageAccessDependencies } from "../page/access/create-page-access.ts";
import { createPage, type PageDependencies } from "../page/create-page.ts";
import { createRoutes } from "../routes/all-routes.ts";
import type { StreamTimeouts } from "../streaming/send-rows.ts";
import { createStreamSlots, type StreamLimits } from "../streaming/stream-slots.ts";
import { handleErrors, handleMethodNotAllowed, handleNotFound } from "./error-handlers.ts";
import { identifyCaller } from "./identify-caller.ts";
import { openApiDocument } from "./openapi.ts";
import { rateLimitRequests } from "./rate-limit.ts";
import { createRequestQueue, type RequestQueueLimits } from "./request-queue.ts";
import { requireToken } from "./require-token.ts";
import { createRouteHandler } from "./route-handler.ts";
import type { Tokens } from "./tokens.ts";

/** The dependencies and limits of the application. */
export type AppDependencies = {
  readonly reader: PaymentReader;
  readonly balance: BalanceReader;
  readonly installation: Installation;
  /** `undefined` allows anonymous access. */
  readonly tokens: Tokens | undefined;
  /** Where and how people open the page. */
  readonly page: Pick<PageAccessDependencies, "publicUrl" | "userHeader" | "proxies"> &
    Pick<PageDependencies, "grafanaUrl">;
  /** How long a read of the database may take before the request fails with 503. */
  readonly deadlineMs: number;
  /** Requests that one caller may send per minute; 0 is unlimited. */
  readonly requestsPerMinute: number;
  readonly queueLimits: RequestQueueLimits;
  readonly streamLimits: StreamLimits;
  readonly streamTimeouts: StreamTimeouts;
  readonly metrics: RequestMetrics;
  /** The wall clock, in milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger;
};

/** Creates the HTTP application. It does not listen yet. */
export function createApp(deps: AppDependencies): Express {
  const app = express().disable("x-powered-by").disable("etag").disable("query parser");
  // A path must have exactly one spelling, for the token check as for the routes.
  app.enable("case sensitive routing").enable("strict routing");
  if (deps.page.proxies !== undefined) app.set("trust proxy", deps.page.proxies.has);
  const routes = createRoutes({
    installation: deps.installation,
    reader: {
      ...deps.reader,
      reconciliations: cacheStatus(() => deps.reader.reconciliations(), []),
    },
    balance: { ...deps.balance, completeness: cacheStatus(() => deps.balance.completeness(), []) },
  });
  const endpoints = Object.values(routes);
  const document = openApiDocument(endpoints, deps.tokens === undefined);

  app.use(observeRequests(deps.metrics, deps.log));
  app
    .route("/openapi.json")
    .get((_, response) => {
      response.locals["route"] = "/openapi.json";
      response.json(document);
    })
    .all(handleMethodNotAllowed);
  app.use("/v1", identifyCaller(deps.tokens));
  if (deps.requestsPerMinute > 0) app.use("/v1", rateLimitRequests(deps.requestsPerMinute));
  app.use("/v1", requireToken);
  const slots = { deadlineMs: deps.deadlineMs, acquireSlot: createRequestQueue(deps.queueLimits) };
  const routeHandlerDeps = {
    ...slots,
    acquireStreamSlot: createStreamSlots(deps.streamLimits),
    streamTimeouts: deps.streamTimeouts,
    log: deps.log,
  };
  for (const route of endpoints) {
    deps.metrics.routeOpen(route.path);
    app
      .route(route.path.replaceAll(/\{(\w+)\}/g, ":$1"))
      .all((_, response, next) => {
        response.locals["route"] = route.path;
        next();
      })
      .get(createRouteHandler(route, routeHandlerDeps))
      .all(handleMethodNotAllowed);
  }
  // All other paths are the page's, and their problems are shown as its are.
  app.use(["/v1", "/openapi.json"], handleNotFound, handleErrors(deps.log));
  const access = createPageAccess({ ...deps.page, ...deps });
  app.use(createPage({ ...routeHandlerDeps, routes, access, grafanaUrl: deps.page.grafanaUrl }));
  return app;
}

/** Forbids caching, and measures and logs every request when it has finished. */
function observeRequests(metrics: RequestMetrics, log: Logger): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    response.set("cache-control", "no-store");
    const onClose = (): void => {
      const seconds = (performance.now() - started) / 1_000;
      const route = String(response.locals["route"] ?? "none");
      metrics.requestFinished(route, response.statusCode, seconds);
      log.debug(
        { method: request.method, path: request.path, status: response.statusCode, seconds },
        "request_finished",
      );
    };
    // For a request without a sampled trace, the event handler would run without the request's trace context.
    response.once("close", context.bind(context.active(), onClose));
    next();
  };
}
