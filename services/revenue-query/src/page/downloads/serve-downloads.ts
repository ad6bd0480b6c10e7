import type { RequestHandler, Router } from "express";
import type { Routes } from "../../routes/all-routes.ts";
import { showMethodNotAllowed } from "../page-problems.ts";
import { rowFormats } from "../../streaming/row-formats.ts";
import { allDownloads } from "./all-downloads.ts";
import { bodyPath, createBodyHandler } from "./body-handler.ts";
import { createDownloadHandler, type DownloadDependencies } from "./download-handler.ts";

/** What serving the downloads depends on. */
export type ServeDownloadsDependencies = DownloadDependencies & {
  readonly routes: Routes;
  /** What each request passes first: headers, access. */
  readonly before: readonly RequestHandler[];
};

/** Serves what views show as files: the path of a view with an extension for the format, and the bodies of events. */
export function serveDownloads(router: Router, deps: ServeDownloadsDependencies): void {
  for (const download of allDownloads(deps.routes)) {
    for (const format of rowFormats) {
      serve(`${download.path}.${format.extension}`, createDownloadHandler(download, format, deps));
    }
  }
  serve(bodyPath, createBodyHandler(deps.routes, deps));

  function serve(path: string, handler: RequestHandler): void {
    router
      .route(path.replaceAll(/\{(\w+)\}/g, ":$1"))
      .all((_, response, next) => {
        response.locals["route"] = path;
        next();
      })
      .all(...deps.before)
      .get(handler)
      .all(showMethodNotAllowed);
  }
}
