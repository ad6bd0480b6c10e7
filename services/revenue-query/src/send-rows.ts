import { once } from "node:events";
import type { Logger } from "@takings/runtime";
import type { Response } from "express";
import type { Columns, RowFormat } from "./row-formats.ts";
import type { Walk } from "./walk.ts";
import { withDeadline } from "./with-deadline.ts";

/** What is sent, how it is written, and what happens around it. */
export type Sending = {
  readonly walk: Walk;
  readonly columns: Columns;
  readonly format: RowFormat;
  /** For the first page, which decides between an answer and a problem. */
  readonly deadlineMs: number;
  readonly log: Logger;
};

/** A client that takes nothing for this long is given up. */
const stallMs = 60_000;

/**
 * Sends a list to its end, reading on only as fast as the client takes it. Until the first page is read a failure is
 * an answer like any other; after that the connection is reset, so that a part never looks like the whole.
 */
export async function sendRows(response: Response, sending: Sending): Promise<void> {
  const { walk, format, columns, deadlineMs, log } = sending;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // It may have left before anybody listened.
  if (response.destroyed) return;
  const pages = walk.pages[Symbol.asyncIterator]();
  let page = await withDeadline(pages.next(), deadlineMs);
  response.set({ "content-type": `${format.mediaType}; charset=utf-8`, "takings-as-of": walk.asOf });
  if (response.req.method === "HEAD") {
    response.end();
    return;
  }
  response.setTimeout(stallMs, () => reset(response));
  try {
    let rows = 0;
    await send(response, format.begin(columns), gone.signal);
    while (page.done !== true) {
      rows += page.value.length;
      await send(response, format.rows(page.value, columns), gone.signal);
      page = await pages.next();
    }
    response.end(format.end({ rows, asOf: walk.asOf }));
  } catch (err) {
    if (gone.signal.aborted) return;
    log.error({ err, path: response.req.path }, "stream_cut");
    reset(response);
  }
}

/** Resolves once the client has room for more. @throws when it is gone. */
async function send(response: Response, text: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (text !== "" && !response.write(text)) await once(response, "drain", { signal });
}

/** Not an orderly end, which for HTTP/1.0 would be the sign of a complete body. */
function reset(response: Response): void {
  response.socket?.resetAndDestroy();
}
