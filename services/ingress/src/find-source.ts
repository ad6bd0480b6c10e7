import { defaultSource } from "@takings/domain";
import { type Logger, sendProblem } from "@takings/runtime";
import type { RequestHandler, Response } from "express";
import type { IngressMetrics } from "./metrics.ts";
import type { ServedSources } from "./served-sources.ts";
import type { SigningSecret } from "./signing-secrets.ts";

/** Where Stripe posts the events of the default source. Those of another one are posted below it, under its name. */
export const webhookPath = "/webhooks/stripe";

/** A source that is served, with its secrets. */
export type FoundSource = { readonly source: string; readonly secrets: readonly SigningSecret[] };

/** What {@link findSource} depends on. */
export type FindSourceDependencies = {
  readonly sources: ServedSources;
  readonly metrics: Pick<IngressMetrics, "sourceUnknown">;
  readonly log: Logger;
};

/** As the router matches paths: in any case, with or without a slash at the end. */
const webhookPaths = /^\/webhooks\/stripe(?:\/([^/]+))?\/?$/i;
/** No name of a source is longer. */
const maxLoggedCharacters = 40;

/**
 * Finds the source of a webhook path, and answers 404 to any other name before anything else is checked. The name is taken
 * as it was sent, not decoded, so that there is one way only to write it.
 */
export function findSource({ sources, metrics, log }: FindSourceDependencies): RequestHandler {
  return (request, response, next) => {
    const match = webhookPaths.exec(request.path);
    if (match === null) return next();
    const [, name] = match;
    const source = name ?? defaultSource;
    const secrets = name === defaultSource ? undefined : sources(source);
    if (secrets !== undefined) {
      response.locals["found"] = { source, secrets } satisfies FoundSource;
      return next();
    }
    if (request.method === "POST") {
      metrics.sourceUnknown();
      log.warn({ source: source.slice(0, maxLoggedCharacters) }, "source_unknown");
    }
    sendProblem(response, { status: 404, detail: "No events are accepted here." });
  };
}

/** The source that {@link findSource} has found for a request. */
export function foundSource(response: Response): FoundSource {
  return response.locals["found"] as FoundSource;
}
