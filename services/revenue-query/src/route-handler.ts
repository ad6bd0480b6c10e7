import type { Logger } from "@takings/runtime";
import type { Request, RequestHandler, Response } from "express";
import { callerOf } from "./caller.ts";
import { HttpProblem } from "./http-problem.ts";
import type { AcquireSlot, SlotRequest } from "./request-queue.ts";
import type { Route, RouteRequest } from "./route.ts";
import { type RowFormat, rowFormats } from "./row-formats.ts";
import { sendRows, type StreamTimes } from "./send-rows.ts";
import type { AcquireStreamSlot } from "./stream-slots.ts";
import { withDeadline } from "./with-deadline.ts";

/** What answering depends on, whatever the route. */
export type RouteHandlerDeps = {
  readonly deadlineMs: number;
  readonly acquireSlot: AcquireSlot;
  readonly acquireStreamSlot: AcquireStreamSlot;
  readonly streamTimes: StreamTimes;
  readonly log: Logger;
};

/** A stream that is under way is worth a longer wait than an answer that was not begun. */
const streamQueueTimeoutMs = 30_000;

/** Answers requests by a route, or fails within the deadline with TakingsError `unavailable`. */
export function createRouteHandler(route: Route, deps: RouteHandlerDeps): RequestHandler {
  return async (request, response) => {
    const path = Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [name, String(value)]),
    );
    const asked = { search: searchOf(request.originalUrl), path };
    response.vary("Accept");
    const format = formatOf(request, route);
    const slot = { caller: callerOf(response), signal: disconnectSignal(response) };
    try {
      if (format === undefined) response.json(await runInSlot(() => route.reply(asked), slot, deps));
      else await stream(route, format, { asked, response, slot }, deps);
    } catch (error) {
      // Whoever has left while waiting for a slot is told nothing.
      if (error !== slot.signal.reason) throw error;
    }
  };
}

/** Aborts when the client has left, or has its answer. */
function disconnectSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // It may have left before anybody listened.
  if (response.destroyed) gone.abort();
  return gone.signal;
}

/** Reads in the caller's slot, which lasts until the reading is over, whether or not anybody waits for it any more. */
async function runInSlot<T>(
  read: () => Promise<T>,
  slot: SlotRequest,
  { acquireSlot, deadlineMs }: RouteHandlerDeps,
): Promise<T> {
  const end = await acquireSlot(slot);
  const reading = read();
  void reading.then(end, end);
  return await withDeadline(reading, deadlineMs);
}

type StreamRequest = {
  readonly asked: RouteRequest;
  readonly response: Response;
  readonly slot: SlotRequest;
};

async function stream(
  route: Route,
  format: RowFormat,
  { asked, response, slot }: StreamRequest,
  deps: RouteHandlerDeps,
): Promise<void> {
  const { rows } = route;
  if (rows === undefined) throw new Error(`${route.path} has no rows to be sent as ${format.mediaType}`);
  // Streams last as long as their clients take, so they are not measured as answers are.
  response.locals["route"] = `${route.path} as ${format.mediaType}`;
  const releaseStreamSlot = deps.acquireStreamSlot(slot.caller);
  try {
    const pagination = await runInSlot(() => rows.paginate(asked), slot, deps);
    await sendRows(response, {
      pagination,
      runInSlot: (read) => runInSlot(read, { ...slot, streamQueueTimeoutMs }, deps),
      columns: rows.columns,
      format,
      times: deps.streamTimes,
      gone: slot.signal,
      log: deps.log,
    });
  } finally {
    releaseStreamSlot();
  }
}

const json = "application/json";

/** The format that a client asks for; `undefined` is JSON. @throws HttpProblem 406 when it takes none that there is. */
function formatOf(request: Request, route: Route): RowFormat | undefined {
  const formats = route.rows === undefined ? [] : rowFormats;
  const offered = [json, ...formats.map(({ mediaType }) => mediaType)];
  // A header without a word in it says as little as none.
  const chosen = request.headers.accept?.trim() === "" ? json : request.accepts(offered);
  if (chosen === false) throw new HttpProblem(406, `This path answers with ${offered.join(", ")}.`);
  return formats.find(({ mediaType }) => mediaType === chosen);
}

/** Read from the address itself: Express's parsers would hide what is repeated or odd. */
function searchOf(url: string): URLSearchParams {
  const mark = url.indexOf("?");
  return new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1));
}
