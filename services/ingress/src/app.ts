import { type AddressList, createClientOf, type Logger, plainAddress, sendProblem } from "@takings/runtime";
import { sampledTraceId } from "@takings/telemetry";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import type { Admission, Reservation } from "./admission.ts";
import { findSource, foundSource, webhookPath } from "./find-source.ts";
import type { IngressMetrics, Outcome } from "./metrics.ts";
import { BodyRefused, readBody } from "./read-body.ts";
import type { ServedSources } from "./served-sources.ts";
import { receiveWebhook, type WebhookDependencies } from "./webhook.ts";

/** The dependencies and limits of the application. */
export type AppDependencies = WebhookDependencies & {
  readonly sources: ServedSources;
  readonly admission: Admission;
  readonly maxBodyBytes: number;
  /** Every request gets a response within this time, stored or not: Stripe's own timeout is not published. */
  readonly deadlineMs: number;
  /** A body that takes longer to arrive is refused. */
  readonly bodyTimeoutMs: number;
  /** The addresses whose `X-Forwarded-For` names the client. */
  readonly proxies: AddressList;
  /** The addresses that may send webhooks; `undefined` when all may. */
  readonly allowed: (() => AddressList) | undefined;
  /** Why the service cannot do its job now, or `undefined` when it can; the same as for the readiness probe. */
  readonly notReadyReason: () => string | undefined;
};

const retryAfterSeconds = "5";

/** The HTTP application of ingress: the webhook, with admission, deadline, metrics and error responses, and a page at `/`. */
export function createApp(dependencies: AppDependencies): Express {
  const { metrics, log } = dependencies;
  const app = express().disable("x-powered-by").disable("etag");
  app.set("trust proxy", dependencies.proxies.has);
  app.use(findSource(dependencies));
  const receive = [measured(metrics), webhook(dependencies)];
  app.post(webhookPath, receive);
  app.post(`${webhookPath}/:source`, receive);
  app.get("/", introduction(dependencies));
  app.all([webhookPath, `${webhookPath}/:source`], (_, response) => {
    sendProblem(response.set("allow", "POST"), { status: 405 });
  });
  app.use((_, response) => sendProblem(response, { status: 404 }));
  app.use(failure(log));
  return app;
}

/**
 * Says what listens here, for people and for load balancers that probe `/`, as GKE's do unless told otherwise. It follows
 * readiness: a load balancer that has probes of its own must stop sending to a process that is stopping, or that would
 * answer every webhook with 503. The reason is not said, because it names servers.
 */
function introduction({ notReadyReason }: AppDependencies): RequestHandler {
  return (_, response) => {
    if (notReadyReason() !== undefined) {
      sendProblem(response, { status: 503, detail: "Events cannot be stored right now." });
    } else {
      response.json({ service: "takings-ingress", webhooks: `POST ${webhookPath}` });
    }
  };
}

/** Counts each request once, however it ends. */
function measured(metrics: IngressMetrics): RequestHandler {
  return (_, response, next) => {
    const started = performance.now();
    const traceId = sampledTraceId();
    const { source } = foundSource(response);
    response.once("close", () => {
      const outcome = outcomeOf(response) ?? "bad_request";
      metrics.responded({ source, outcome, seconds: (performance.now() - started) / 1_000, traceId });
    });
    next();
  };
}

function webhook(dependencies: AppDependencies): RequestHandler {
  const { admission, maxBodyBytes, deadlineMs, proxies, allowed, log } = dependencies;
  const clientOf = createClientOf(proxies);
  return async (request, response) => {
    const address = plainAddress(request.ip ?? "");
    // The client has disconnected.
    if (address === "") return void request.destroy();
    if (allowed?.().has(address) === false) {
      log.warn({ source: foundSource(response).source, address }, "address_refused");
      return forbidden(response, address);
    }
    // A chunked body may be as long as the limit; a longer announced one is refused before it is read.
    const announced = Number(request.headers["content-length"] ?? maxBodyBytes);
    if (!admission.admits(Math.min(announced, maxBodyBytes))) return overloaded(response);
    const deadline = setTimeout(
      () => unavailable(response, "unavailable", "The event was not stored in time; send it again."),
      deadlineMs,
    );
    const reservation = admission.open(clientOf(address));
    try {
      await respond(request, response, reservation, dependencies);
    } finally {
      // Not when the response is closed: a client may disconnect before its event is stored, and one that does not read its
      // response keeps nothing reserved.
      clearTimeout(deadline);
      reservation.release();
    }
  };
}

async function respond(
  request: Request,
  response: Response,
  reservation: Reservation,
  dependencies: AppDependencies,
): Promise<void> {
  const body = await readBody(request, {
    maxBytes: dependencies.maxBodyBytes,
    withinMs: dependencies.bodyTimeoutMs,
    reservation,
  });
  if (!reservation.begin()) return overloaded(response);
  const signature = request.header("stripe-signature");
  const result = await receiveWebhook({ ...foundSource(response), body, signature }, dependencies);
  // The deadline may have sent a response meanwhile.
  if (response.headersSent) return;
  setOutcome(response, result.outcome);
  if (result.status === 200) {
    response.json({ received: true, event_id: result.eventId, duplicate: result.duplicate });
  } else if (result.status === 503) {
    unavailable(response, result.outcome, result.detail);
  } else {
    sendProblem(response, { status: result.status, detail: result.detail });
  }
}

function forbidden(response: Response, address: string): void {
  setOutcome(response, "forbidden_address");
  sendProblem(response, { status: 403, detail: `The address ${address} is not allowed to send webhooks.` });
}

function overloaded(response: Response): void {
  unavailable(response, "overloaded", "Too many events are being stored right now; send it again.");
}

function unavailable(response: Response, outcome: Outcome, detail: string): void {
  if (response.headersSent) return;
  setOutcome(response, outcome);
  sendProblem(response.set("retry-after", retryAfterSeconds), { status: 503, detail });
}

const refusals: Readonly<
  Record<Exclude<BodyRefused["status"], 503>, { readonly outcome: Outcome; readonly detail: string }>
> = {
  400: { outcome: "bad_request", detail: "The body did not arrive completely." },
  408: { outcome: "bad_request", detail: "The body took too long to arrive." },
  413: { outcome: "too_large", detail: "The body is larger than this service accepts (MAX_BODY_BYTES)." },
  415: { outcome: "compressed", detail: "The body must not be compressed." },
};

function failure(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    if (error instanceof BodyRefused) {
      const { status } = error;
      if (status === 503) return overloaded(response);
      const { outcome, detail } = refusals[status];
      setOutcome(response, outcome);
      sendProblem(response, { status, detail });
    } else if (error instanceof URIError) {
      sendProblem(response, { status: 400, detail: "The path cannot be decoded." });
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
