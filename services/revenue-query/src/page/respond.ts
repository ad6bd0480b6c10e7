import { TakingsError } from "@takings/domain";
import type { Logger } from "@takings/runtime";
import type { Response } from "express";
import { unavailability } from "../http/error-handlers.ts";
import { HttpProblem } from "../http/http-problem.ts";
import type { Access } from "./access/access.ts";
import { assetPaths } from "./assets.ts";
import { layout } from "./layout.ts";
import type { Place } from "./places.ts";
import { problemView, retryView } from "./views/problem.ts";
import type { ViewResult } from "./view.ts";

/** Whom a view is shown to, and where. */
export type Shown = {
  /** The path of the view, for the log. */
  readonly path: string;
  readonly access: Access;
  /** What was searched for. */
  readonly searched?: string;
  /** The id of the single object that is asked for. */
  readonly subject?: string | undefined;
  /** Where the reader is, for the links between views. */
  readonly place?: Place;
  readonly grafanaUrl?: string | undefined;
  readonly log: Logger;
};

const retryAfterSeconds = 5;

/** Sends a view as a document, or the problem with it. Unexpected errors are thrown. */
export async function respond(
  response: Response,
  shown: Shown,
  view: () => Promise<ViewResult>,
): Promise<void> {
  const result = await viewOrProblem(response, shown, view);
  if ("redirect" in result) {
    response.redirect(303, result.redirect);
    return;
  }
  const { access, searched = "", place, grafanaUrl } = shown;
  const { title, main, status = 200, isLive = false } = result;
  const document = await layout({
    title,
    main,
    access,
    searched,
    isLive,
    grafanaUrl,
    ...(place && { place }),
  });
  // Found in the document it is fetched once the parser is busy with the rest, and then nothing is painted before all is laid out.
  response.set("link", `<${assetPaths.style}>; rel=preload; as=style`);
  response.status(status).type("html").send(String(document));
}

/** Describes a problem as the API does. */
async function viewOrProblem(
  response: Response,
  { path, subject, log }: Shown,
  view: () => Promise<ViewResult>,
): Promise<ViewResult> {
  try {
    return await view();
  } catch (error) {
    if (error instanceof HttpProblem) {
      if (error.retryAfterSeconds !== undefined) response.set("retry-after", String(error.retryAfterSeconds));
      return problemView(error.status, error.message, error.errors, subject);
    }
    if (!(error instanceof TakingsError) || error.code === "invalid") throw error;
    log.error({ err: error, path }, "query_unavailable");
    // Browsers follow `Refresh`, programs `Retry-After`.
    response.set({ refresh: String(retryAfterSeconds), "retry-after": String(retryAfterSeconds) });
    return retryView(unavailability[error.code], retryAfterSeconds);
  }
}
