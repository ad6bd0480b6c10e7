import type { RequestHandler, Response } from "express";
import { disconnectSignal } from "../../http/run-in-slot.ts";
import { type StreamDependencies, streamRows } from "../../http/stream-rows.ts";
import type { Rows } from "../../routes/route.ts";
import type { RowFormat } from "../../streaming/row-formats.ts";
import type { Access } from "../access/access.ts";
import { askedFor } from "../asked-for.ts";
import { respond } from "../respond.ts";
import { fileName } from "./file-name.ts";

/** What a download depends on. */
export type DownloadDependencies = StreamDependencies & {
  readonly accessOf: (response: Response) => Access;
  readonly grafanaUrl?: string | undefined;
};

/** A list that can be downloaded. */
export type Download = {
  /** The path of the view that shows the list, in OpenAPI's notation. */
  readonly path: string;
  readonly rows: Rows;
};

/** Sends all rows of a list as a file: what the API streams in that format. A problem is shown as a view. */
export function createDownloadHandler(
  { path, rows }: Download,
  format: RowFormat,
  deps: DownloadDependencies,
): RequestHandler {
  return async (request, response) => {
    const access = deps.accessOf(response);
    const slot = { caller: access.caller, signal: disconnectSignal(response) };
    const asked = askedFor(request);
    const routeRequest = { ...asked, scope: access.scope };
    const name = fileName(filled(path, asked.path), asked.search, format.extension);
    response.set("content-disposition", `attachment; filename="${name}"`);
    try {
      await streamRows(rows, { format, routeRequest, response, slot }, deps);
    } catch (error) {
      // A client that disconnected while it waited for a slot gets no response.
      if (error === slot.signal.reason) return;
      response.removeHeader("content-disposition");
      await respond(response, { path, access, grafanaUrl: deps.grafanaUrl, log: deps.log }, () =>
        Promise.reject(error),
      );
    }
  };
}

/** A path in OpenAPI's notation with its parameters. */
function filled(path: string, parameters: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? "");
}
