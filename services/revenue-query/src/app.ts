import { context } from "@opentelemetry/api";
import type { PaymentReader } from "@takings/domain";
import type { Logger } from "@takings/runtime";
import express, { type Express, type RequestHandler } from "express";
import { handleErrors, handleMethodNotAllowed, handleNotFound } from "./error-handlers.ts";
import { createRouteHandler } from "./route-handler.ts";
import { identifyCaller } from "./caller.ts";
import { changesRoute } from "./changes.ts";
import { eventRoute, eventsRoute } from "./events.ts";
import { gapsRoute } from "./gaps.ts";
import type { Installation } from "./ledger-filter.ts";
import { ledgerRoute } from "./ledger.ts";
import { rateLimitRequests } from "./rate-limit.ts";
import type { RequestMetrics } from "./metrics.ts";
import { openApiDocument } from "./openapi.ts";
import { paymentRoute } from "./payments.ts";
import { createRequestQueue, type RequestQueueLimits } from "./request-queue.ts";
import { cacheReconciliations } from "./reconciliation-cache.ts";
import { requireToken } from "./require-token.ts";
import { revenueRoute } from "./revenue.ts";
import type { Route, RouteDeps } from "./route.ts";
import type { StreamTimes } from "./send-rows.ts";
import { seriesRoute } from "./series.ts";
import { createStreamSlots, type StreamLimits } from "./stream-slots.ts";
import type { TokenCheck } from "./tokens.ts";

export type AppDeps = {
  readonly reader: PaymentReader;
  readonly installation: Installation;
  /** `undefined`: everyone may ask. */
  readonly isAccepted: TokenCheck | undefined;
  /** After this time without an answer of the store a request is told to come again. */
  readonly deadlineMs: number;
  /** How often one caller may ask in a minute; 0 is as often as it likes. */
  readonly requestsPerMinute: number;
  readonly queueLimits: RequestQueueLimits;
  readonly streamLimits: StreamLimits;
  readonly streamTimes: StreamTimes;
  readonly metrics: RequestMetrics;
  readonly log: Logger;
};

/** All there is to ask. */
export function createRoutes(deps: RouteDeps): readonly Route[] {
  const makers = [
    revenueRoute,
    seriesRoute,
    changesRoute,
    ledgerRoute,
    eventsRoute,
    eventRoute,
    paymentRoute,
    gapsRoute,
  ];
  return makers.map((make) => make(deps));
}

/** The HTTP application over a store; it listens nowhere yet. */
export function createApp(deps: AppDeps): Express {
  const app = express().disable("x-powered-by").disable("etag").disable("query parser");
  // So that one spelling of a path is one path, for the token check as for the routes.
  app.enable("case sensitive routing").enable("strict routing");
  const routes = createRoutes({
    installation: deps.installation,
    reader: {
      ...deps.reader,
      reconciliations: cacheReconciliations(() => deps.reader.reconciliations()),
    },
  });
  const document = openApiDocument(routes, deps.isAccepted === undefined);

  app.use(observeRequests(deps.metrics, deps.log));
  app
    .route("/openapi.json")
    .get((_, response) => {
      response.locals["route"] = "/openapi.json";
      response.json(document);
    })
    .all(handleMethodNotAllowed);
  app.use("/v1", identifyCaller(deps.isAccepted));
  if (deps.requestsPerMinute > 0) app.use("/v1", rateLimitRequests(deps.requestsPerMinute));
  if (deps.isAccepted !== undefined) app.use("/v1", requireToken(deps.isAccepted));
  const routeHandlerDeps = {
    deadlineMs: deps.deadlineMs,
    acquireSlot: createRequestQueue(deps.queueLimits),
    acquireStreamSlot: createStreamSlots(deps.streamLimits),
    streamTimes: deps.streamTimes,
    log: deps.log,
  };
  for (const route of routes) {
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
  app.use(handleNotFound);
  app.use(handleErrors(deps.log));
  return app;
}

/** Marks answers as not to be kept, and measures and logs each when it is over. */
function observeRequests(metrics: RequestMetrics, log: Logger): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    response.set("cache-control", "no-store");
    const answered = (): void => {
      const seconds = (performance.now() - started) / 1_000;
      const route = String(response.locals["route"] ?? "none");
      metrics.requestFinished(route, response.statusCode, seconds);
      log.debug(
        { method: request.method, path: request.path, status: response.statusCode, seconds },
        "answered",
      );
    };
    // Where a request is not traced, its own events know nothing of the ids it was given.
    response.once("close", context.bind(context.active(), answered));
    next();
  };
}
