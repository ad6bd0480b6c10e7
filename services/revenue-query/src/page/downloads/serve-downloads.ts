import type { RequestHandler, Router } from "express";
import { handleMethodNotAllowed } from "../../http/error-handlers.ts";
import type { Routes } from "../../routes/all-routes.ts";
import type { Route } from "../../routes/route.ts";
import { rowFormats } from "../../streaming/row-formats.ts";
import { viewOf } from "../links.ts";
import { createDownloadHandler, type Download, type DownloadDependencies } from "./download-handler.ts";
import { seriesRows } from "./series-rows.ts";

/** What serving the downloads depends on. */
export type ServeDownloadsDependencies = DownloadDependencies & {
  readonly routes: Routes;
  /** What each request passes first: headers, access. */
  readonly before: readonly RequestHandler[];
};

/** Serves all lists as files: the path of a view with an extension for the format. */
export function serveDownloads(router: Router, deps: ServeDownloadsDependencies): void {
  for (const download of downloadsOf(deps.routes)) {
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
        .all(handleMethodNotAllowed);
    }
  }
}

function downloadsOf(routes: Routes): Download[] {
  const lists = Object.values<Route>(routes).flatMap(({ path, rows }) =>
    rows === undefined ? [] : [{ path: viewOf(path), rows }],
  );
  return [...lists, { path: viewOf(routes.series.path), rows: seriesRows(routes.series) }];
}
