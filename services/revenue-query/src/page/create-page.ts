import compression from "compression";
import { type RequestHandler, Router } from "express";
import type { StreamDependencies } from "../http/stream-rows.ts";
import type { Routes } from "../routes/all-routes.ts";
import type { PageAccess } from "./access/create-page-access.ts";
import { serveAssets } from "./assets.ts";
import { serveDownloads } from "./downloads/serve-downloads.ts";
import { createIntlFormats } from "./format/intl-formats.ts";
import { createPageHandler } from "./page-handler.ts";
import { pageHeaders } from "./page-headers.ts";
import { showErrors, showMethodNotAllowed, showNotFound } from "./page-problems.ts";
import { allViews } from "./views/all-views.ts";

/** What the page for people depends on. */
export type PageDependencies = StreamDependencies & {
  readonly routes: Routes;
  readonly access: PageAccess;
  /** Where every view links to. */
  readonly grafanaUrl?: string | undefined;
};

/** Creates the page for people: views of what the API responds with, as HTML from the server. */
export function createPage(deps: PageDependencies): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const compress: RequestHandler = compression();
  serveAssets(router, compress);
  deps.access.serve(router, [pageHeaders, compress]);
  const { accessOf, gate } = deps.access;
  const intl = createIntlFormats();
  for (const view of allViews) {
    router
      .route(view.path.replaceAll(/\{(\w+)\}/g, ":$1"))
      .all((_, response, next) => {
        response.locals["route"] = view.path;
        next();
      })
      .all(pageHeaders, compress, ...gate)
      .get(createPageHandler(view, { ...deps, accessOf, intl }))
      .all(showMethodNotAllowed);
  }
  serveDownloads(router, { ...deps, accessOf, before: [pageHeaders, ...gate] });
  router.use(...showNotFound, ...showErrors(deps.log));
  return router;
}
