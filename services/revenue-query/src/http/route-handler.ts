import type { Request, RequestHandler } from "express";
import type { Route } from "../routes/route.ts";
import { type RowFormat, rowFormats } from "../streaming/row-formats.ts";
import { HttpProblem } from "./http-problem.ts";
import { callerOf, scopeOf } from "./identify-caller.ts";
import { disconnectSignal, runInSlot } from "./run-in-slot.ts";
import { searchOf } from "./search-of.ts";
import { type StreamDependencies, streamRows } from "./stream-rows.ts";

/** Handles requests of a route: as JSON within the deadline, or as a stream of rows if the client accepts only that. */
export function createRouteHandler(route: Route, deps: StreamDependencies): RequestHandler {
  return async (request, response) => {
    const path = Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [name, String(value)]),
    );
    const scope = scopeOf(response);
    if (scope === undefined) throw new Error(`${route.path} is served to a caller who was not identified`);
    const routeRequest = { search: searchOf(request.originalUrl), path, scope };
    response.vary("Accept");
    const { json, rows } = route;
    const format = formatOf(request, rows === undefined ? [] : rowFormats);
    const slot = { caller: callerOf(response), signal: disconnectSignal(response) };
    try {
      if (json !== undefined) {
        const bytes = await runInSlot(() => json(routeRequest), slot, deps);
        // As of `response.json`.
        response.set("content-type", "application/json; charset=utf-8").send(bytes);
        return;
      }
      if (rows === undefined || format === undefined) {
        response.json(await runInSlot(() => route.reply(routeRequest), slot, deps));
        return;
      }
      // The duration of a stream depends on its client, so streams are measured separately.
      response.locals["route"] = `${route.path} as ${format.mediaType}`;
      await streamRows(rows, { format, routeRequest, response, slot }, deps);
    } catch (error) {
      // A client that disconnected while it waited for a slot gets no response.
      if (error !== slot.signal.reason) throw error;
    }
  };
}

const json = "application/json";

/** The row format that a client accepts; `undefined` is JSON. @throws HttpProblem 406 if it accepts none. */
function formatOf(request: Request, formats: readonly RowFormat[]): RowFormat | undefined {
  const offered = [json, ...formats.map(({ mediaType }) => mediaType)];
  // A blank Accept header is treated as a missing one.
  const chosen = request.headers.accept?.trim() === "" ? json : request.accepts(offered);
  if (chosen === false) {
    throw new HttpProblem(406, `This path offers only ${offered.join(", ")}; change the Accept header.`);
  }
  return formats.find(({ mediaType }) => mediaType === chosen);
}
