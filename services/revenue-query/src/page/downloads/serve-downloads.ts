import type { RequestHandler, Router } from "express";
import type { Routes } from "../../routes/all-routes.ts";
import { showMethodNotAllowed } from "../page-problems.ts";
import { rowFormats } from "../../streaming/row-formats.ts";
import { allDownloads } from "./all-downloads.ts";
import { createDownloadHandler, type DownloadDependencies } from "./download-handler.ts";

/** What serving the downloads depends on. */
export type ServeDownloadsDependencies = DownloadDependencies & {
  readonly routes: Routes;
  /** What each request passes first: headers, access. */
  readonly before: readonly RequestHandler[];
};

/** Serves what views show as files: the path of a view with an extension for the format. */
export function serveDownloads(router: Router, deps: ServeDownloadsDependencies): void {
  for (const download of allDownloads(deps.routes)) {
    for (const format of rowFormats) {
      const path = `${download.path}.${format.extension}`;
      router
        .route(path)
        .all((_, response, next) => {
          response.locals["route"] = path;
          next();
        })
        .all(...deps.before)
        .get(createDownloadHandler(download, format, deps))
        .all(showMethodNotAllowed);
    }
  }
}
