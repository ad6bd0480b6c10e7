import { TakingsError } from "@takings/domain";
import type { Logger } from "@takings/runtime";
import type { Request, RequestHandler, Response } from "express";
import { Temporal } from "temporal-polyfill";
import { unavailability } from "../http/error-handlers.ts";
import { HttpProblem } from "../http/http-problem.ts";
import { disconnectSignal, runInSlot, type SlotDependencies } from "../http/run-in-slot.ts";
import { searchOf } from "../http/search-of.ts";
import type { Routes } from "../routes/all-routes.ts";
import type { Access } from "./access/access.ts";
import { createFormats, localeOf } from "./format/formats.ts";
import { layout } from "./layout.ts";
import { createPageApi } from "./page-api.ts";
import { problemView, retryView } from "./views/problem.ts";
import type { View, ViewRequest, ViewResult } from "./view.ts";

/** What showing a view depends on. */
export type PageHandlerDependencies = SlotDependencies & {
  readonly routes: Routes;
  readonly accessOf: (response: Response) => Access;
  readonly log: Logger;
  readonly grafanaUrl?: string | undefined;
};

/** Shows a view to someone who may see it. */
export function createPageHandler(view: View, deps: PageHandlerDependencies): RequestHandler {
  return async (request, response) => {
    const access = deps.accessOf(response);
    const slot = { caller: access.caller, signal: disconnectSignal(response) };
    const formats = createFormats(localeOf(request.headers["accept-language"]));
    const api = createPageApi(deps.routes, access.scope, (read) => runInSlot(read, slot, deps));
    const search = withoutBlanks(searchOf(request.originalUrl));
    const path = pathOf(request);
    try {
      const viewRequest = { search, path, api, formats, now: Temporal.Now.instant() };
      const result = await show(view, viewRequest, deps.log);
      if ("redirect" in result) {
        response.redirect(303, result.redirect);
        return;
      }
      const { title, main, status = 200, isLive = false } = result;
      const searched = search.get("q") ?? "";
      const place = { path: view.path, search };
      const { grafanaUrl } = deps;
      const document = await layout({ title, main, formats, access, searched, isLive, place, grafanaUrl });
      // Browsers follow `Refresh`, programs `Retry-After`.
      if (status === 503) response.set({ refresh: retryAfter, "retry-after": retryAfter });
      response.status(status).type("html").send(String(document));
    } catch (error) {
      // A client that disconnected while it waited for a slot gets no response.
      if (error !== slot.signal.reason) throw error;
    }
  };
}

const retryAfterSeconds = 5;
const retryAfter = String(retryAfterSeconds);

/** Shows a problem in the layout, as the API describes it. Unexpected errors are logged and shown as such. */
async function show(view: View, request: ViewRequest, log: Logger): Promise<ViewResult> {
  try {
    return await view.show(request);
  } catch (error) {
    if (error instanceof HttpProblem) return problemView(error.status, error.message, error.errors);
    if (!(error instanceof TakingsError) || error.code === "invalid") throw error;
    log.error({ err: error, path: view.path }, "query_unavailable");
    return retryView(unavailability[error.code], retryAfterSeconds);
  }
}

function withoutBlanks(search: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...search].filter(([, value]) => value.trim() !== ""));
}

function pathOf(request: Request): Record<string, string> {
  return Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, String(value)]));
}
