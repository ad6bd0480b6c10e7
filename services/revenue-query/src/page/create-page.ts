import type { Logger } from "@takings/runtime";
import compression from "compression";
import { type RequestHandler, type Response, Router } from "express";
import { handleMethodNotAllowed } from "../http/error-handlers.ts";
import { callerOf } from "../http/identify-caller.ts";
import type { SlotDependencies } from "../http/run-in-slot.ts";
import type { Routes } from "../routes/all-routes.ts";
import { serveAssets } from "./assets.ts";
import { createPageHandler } from "./page-handler.ts";
import { pageHeaders } from "./page-headers.ts";
import { allViews } from "./views/all-views.ts";

/** What the page for people depends on. */
export type PageDependencies = SlotDependencies & {
  readonly routes: Routes;
  /** Lets a request for a view pass, or answers it. */
  readonly access: readonly RequestHandler[];
  readonly log: Logger;
  /** Where every view links to. */
  readonly grafanaUrl?: string | undefined;
};

/** Creates the page for people: views of what the API responds with, as HTML from the server. */
export function createPage(deps: PageDependencies): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const compress: RequestHandler = compression();
  serveAssets(router);
  const accessOf = (response: Response): { caller: string } => ({ caller: callerOf(response) });
  for (const view of allViews) {
    router
      .route(view.path.replaceAll(/\{(\w+)\}/g, ":$1"))
      .all((_, response, next) => {
        response.locals["route"] = view.path;
        next();
      })
      .all(pageHeaders, compress, ...deps.access)
      .get(createPageHandler(view, { ...deps, accessOf }))
      .all(handleMethodNotAllowed);
  }
  return router;
}
