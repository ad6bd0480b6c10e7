import type { RequestHandler } from "express";
import { TakingsError } from "@takings/domain";
import type { Route } from "./route.ts";

/** Answers requests by a route, or fails within the deadline with TakingsError `unavailable`. */
export function answerRoute(route: Route, deadlineMs: number): RequestHandler {
  return async (request, response) => {
    const path = Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [name, String(value)]),
    );
    const reply = await withDeadline(
      route.reply({ search: searchOf(request.originalUrl), path }),
      deadlineMs,
    );
    response.json(reply);
  };
}

/** Read from the address itself: Express's parsers would hide what is repeated or odd. */
function searchOf(url: string): URLSearchParams {
  const mark = url.indexOf("?");
  return new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1));
}

async function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TakingsError("unavailable", `no answer from the store within ${deadlineMs} ms`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
