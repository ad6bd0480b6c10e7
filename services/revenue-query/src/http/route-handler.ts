import type { Logger } from "@takings/runtime";
import type { Request, RequestHandler, Response } from "express";
import type { Route, RouteRequest } from "../routes/route.ts";
import { type RowFormat, rowFormats } from "../streaming/row-formats.ts";
import { sendRows, type StreamTimeouts } from "../streaming/send-rows.ts";
import type { AcquireStreamSlot } from "../streaming/stream-slots.ts";
import { HttpProblem } from "./http-problem.ts";
import { callerOf, scopeOf } from "./identify-caller.ts";
import type { SlotRequest } from "./request-queue.ts";
import { disconnectSignal, runInSlot, type SlotDependencies } from "./run-in-slot.ts";
import { searchOf } from "./search-of.ts";

/** What handling a request of any route depends on. */
export type RouteHandlerDependencies = SlotDependencies & {
  readonly acquireStreamSlot: AcquireStreamSlot;
  readonly streamTimeouts: StreamTimeouts;
  readonly log: Logger;
};

/** Longer than for a new request, because cutting a running stream wastes what was already sent. */
const streamQueueTimeoutMs = 30_000;

/** Handles requests of a route: as JSON within the deadline, or as a stream of rows if the client accepts only that. */
export function createRouteHandler(route: Route, deps: RouteHandlerDependencies): RequestHandler {
  return async (request, response) => {
    const path = Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [name, String(value)]),
    );
    const scope = scopeOf(response);
    if (scope === undefined) throw new Error(`${route.path} is served to a caller who was not identified`);
    const routeRequest = { search: searchOf(request.originalUrl), path, scope };
    response.vary("Accept");
    const format = formatOf(request, route);
    const slot = { caller: callerOf(response), signal: disconnectSignal(response) };
    try {
      if (format === undefined) response.json(await runInSlot(() => route.reply(routeRequest), slot, deps));
      else await stream(route, format, { routeRequest, response, slot }, deps);
    } catch (error) {
      // A client that disconnected while it waited for a slot gets no response.
      if (error !== slot.signal.reason) throw error;
    }
  };
}

type StreamRequest = {
  readonly routeRequest: RouteRequest;
  readonly response: Response;
  readonly slot: SlotRequest;
};

async function stream(
  route: Route,
  format: RowFormat,
  { routeRequest, response, slot }: StreamRequest,
  deps: RouteHandlerDependencies,
): Promise<void> {
  const { rows } = route;
  if (rows === undefined) throw new Error(`${route.path} has no rows to stream as ${format.mediaType}`);
  // The duration of a stream depends on its client, so streams are measured separately.
  response.locals["route"] = `${route.path} as ${format.mediaType}`;
  const releaseStreamSlot = deps.acquireStreamSlot(slot.caller);
  try {
    const pagination = await runInSlot(() => rows.paginate(routeRequest), slot, deps);
    await sendRows(response, {
      pagination,
      runInSlot: (read) => runInSlot(read, { ...slot, streamQueueTimeoutMs }, deps),
      columns: rows.columns,
      format,
      timeouts: deps.streamTimeouts,
      disconnected: slot.signal,
      log: deps.log,
    });
  } finally {
    releaseStreamSlot();
  }
}

const json = "application/json";

/** The row format that a client accepts; `undefined` is JSON. @throws HttpProblem 406 if it accepts none. */
function formatOf(request: Request, route: Route): RowFormat | undefined {
  const formats = route.rows === undefined ? [] : rowFormats;
  const offered = [json, ...formats.map(({ mediaType }) => mediaType)];
  // A blank Accept header is treated as a missing one.
  const chosen = request.headers.accept?.trim() === "" ? json : request.accepts(offered);
  if (chosen === false) {
    throw new HttpProblem(406, `This path offers only ${offered.join(", ")}; change the Accept header.`);
  }
  return formats.find(({ mediaType }) => mediaType === chosen);
}
