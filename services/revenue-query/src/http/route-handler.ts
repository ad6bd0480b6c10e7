import type { Logger } from "@takings/runtime";
import type { Request, RequestHandler, Response } from "express";
import type { Route, RouteRequest } from "../routes/route.ts";
import { type RowFormat, rowFormats } from "../streaming/row-formats.ts";
import { sendRows, type StreamTimeouts } from "../streaming/send-rows.ts";
import type { AcquireStreamSlot } from "../streaming/stream-slots.ts";
import { HttpProblem } from "./http-problem.ts";
import { callerOf } from "./identify-caller.ts";
import type { AcquireSlot, SlotRequest } from "./request-queue.ts";
import { withDeadline } from "./with-deadline.ts";

/** What handling a request of any route depends on. */
export type RouteHandlerDependencies = {
  readonly deadlineMs: number;
  readonly acquireSlot: AcquireSlot;
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
    const routeRequest = { search: searchOf(request.originalUrl), path };
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

/** Aborts when the client disconnects or the response is complete. */
function disconnectSignal(response: Response): AbortSignal {
  const disconnected = new AbortController();
  response.once("close", () => disconnected.abort());
  // The client may have disconnected before the listener was added.
  if (response.destroyed) disconnected.abort();
  return disconnected.signal;
}

/** Reads in a slot of the caller. The slot is held until the read ends, even after the request has timed out. */
async function runInSlot<T>(
  read: () => Promise<T>,
  slot: SlotRequest,
  { acquireSlot, deadlineMs }: RouteHandlerDependencies,
): Promise<T> {
  const release = await acquireSlot(slot);
  const reading = read();
  void reading.then(release, release);
  return await withDeadline(reading, deadlineMs);
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

/** Parsed from the URL itself: Express's query parsers would hide repeated and malformed parameters. */
function searchOf(url: string): URLSearchParams {
  const mark = url.indexOf("?");
  return new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1));
}
