import { type Logger, sendProblem } from "@takings/runtime";
import { sampledTraceId } from "@takings/telemetry";
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from "express";
import type { Admission } from "./admission.ts";
import type { IngressMetrics, Outcome } from "./metrics.ts";
import { BodyRefused, readBody } from "./read-body.ts";
import { receiveWebhook, type WebhookDependencies } from "./webhook.ts";

export type AppDependencies = WebhookDependencies & {
  readonly admission: Admission;
  readonly maxBodyBytes: number;
  /** Every request is answered by then, stored or not: Stripe's own patience is not published. */
  readonly deadlineMs: number;
};

const path = "/webhooks/stripe";
const retryAfterSeconds = "5";

/** The HTTP face of ingress: one route, with everything around it that must hold before and after. */
export function createApp(dependencies: AppDependencies): Express {
  const { metrics, log } = dependencies;
  const app = express().disable("x-powered-by").disable("etag");
  app.post(path, measured(metrics), admitted(dependencies), webhook(dependencies));
  app.all(path, (_, response) => {
    sendProblem(response.set("allow", "POST"), { status: 405 });
  });
  app.use((_, response) => sendProblem(response, { status: 404 }));
  app.use(failure(log));
  return app;
}

/** Counts each request once, whichever way it ends. */
function measured(metrics: IngressMetrics): RequestHandler {
  return (_, response, next) => {
    const started = performance.now();
    const traceId = sampledTraceId();
    response.once("close", () => {
      const outcome = outcomeOf(response) ?? "bad_request";
      metrics.answered(outcome, (performance.now() - started) / 1_000, traceId);
    });
    next();
  };
}

function admitted({ admission, maxBodyBytes, deadlineMs }: AppDependencies): RequestHandler {
  return (request, response, next) => {
    // A chunked body may grow up to the limit; a longer one is refused before it is read.
    const announced = Number(request.headers["content-length"] ?? maxBodyBytes);
    const leave = admission.enter(Math.min(announced, maxBodyBytes));
    if (leave === undefined) {
      unavailable(response, "overloaded", "too many events are being stored right now; send it again");
      return;
    }
    const deadline = setTimeout(
      () => unavailable(response, "unavailable", "the event was not stored in time; send it again"),
      deadlineMs,
    );
    response.once("close", () => {
      clearTimeout(deadline);
      leave();
    });
    next();
  };
}

function webhook(dependencies: AppDependencies): RequestHandler {
  return async (request, response) => {
    const body = await readBody(request, dependencies.maxBodyBytes);
    const answer = await receiveWebhook(body, request.header("stripe-signature"), dependencies);
    // The deadline may have answered meanwhile.
    if (response.headersSent) return;
    setOutcome(response, answer.outcome);
    if (answer.status === 200) {
      response.json({ received: true, event_id: answer.eventId, duplicate: answer.duplicate });
    } else if (answer.status === 503) {
      unavailable(response, answer.outcome, answer.detail);
    } else {
      sendProblem(response, { status: answer.status, detail: answer.detail });
    }
  };
}

function unavailable(response: Response, outcome: Outcome, detail: string): void {
  if (response.headersSent) return;
  setOutcome(response, outcome);
  sendProblem(response.set("retry-after", retryAfterSeconds), { status: 503, detail });
}

const refusals: Readonly<
  Record<BodyRefused["status"], { readonly outcome: Outcome; readonly detail: string }>
> = {
  400: { outcome: "bad_request", detail: "the body did not arrive whole" },
  413: { outcome: "too_large", detail: "the body is larger than this service accepts (MAX_BODY_BYTES)" },
  415: { outcome: "compressed", detail: "the body must not be compressed" },
};

function failure(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    if (error instanceof BodyRefused) {
      const { outcome, detail } = refusals[error.status];
      setOutcome(response, outcome);
      sendProblem(response, { status: error.status, detail });
    } else if (error instanceof URIError) {
      sendProblem(response, { status: 400, detail: "the path cannot be decoded" });
    } else {
      log.error({ err: error }, "request_failed");
      setOutcome(response, "failed");
      sendProblem(response, { status: 500 });
    }
  };
}

function setOutcome(response: Response, outcome: Outcome): void {
  response.locals["outcome"] = outcome;
}

function outcomeOf(response: Response): Outcome | undefined {
  return response.locals["outcome"] as Outcome | undefined;
}
