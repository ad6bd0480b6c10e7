import type { Logger } from "@takings/runtime";
import type { Request, RequestHandler, Response } from "express";
import { callerOf } from "./caller.ts";
import { HttpProblem } from "./http-problem.ts";
import type { Route, RouteRequest } from "./route.ts";
import { type RowFormat, rowFormats } from "./row-formats.ts";
import { sendRows } from "./send-rows.ts";
import type { TakeSlot } from "./stream-slots.ts";
import { withDeadline } from "./with-deadline.ts";

/** What answering depends on, whatever the route. */
export type AnswerDeps = {
  readonly deadlineMs: number;
  readonly takeSlot: TakeSlot;
  readonly log: Logger;
};

/** Answers requests by a route, or fails within the deadline with TakingsError `unavailable`. */
export function answerRoute(route: Route, deps: AnswerDeps): RequestHandler {
  return async (request, response) => {
    const path = Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [name, String(value)]),
    );
    const asked = { search: searchOf(request.originalUrl), path };
    response.vary("Accept");
    const format = formatOf(request, route);
    if (format === undefined) response.json(await withDeadline(route.reply(asked), deps.deadlineMs));
    else await stream(route, format, asked, response, deps);
  };
}

async function stream(
  route: Route,
  format: RowFormat,
  asked: RouteRequest,
  response: Response,
  { deadlineMs, takeSlot, log }: AnswerDeps,
): Promise<void> {
  const { rows } = route;
  if (rows === undefined) throw new Error(`${route.path} has no rows to be sent as ${format.mediaType}`);
  // Streams last as long as their clients take, so they are not measured as answers are.
  response.locals["route"] = `${route.path} as ${format.mediaType}`;
  const giveBack = takeSlot(callerOf(response));
  try {
    const walk = await withDeadline(rows.walk(asked), deadlineMs);
    await sendRows(response, { walk, columns: rows.columns, format, deadlineMs, log });
  } finally {
    giveBack();
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
