import { once } from "node:events";
import type { Logger } from "@takings/runtime";
import type { Response } from "express";
import type { Pagination } from "./paginate.ts";
import type { Columns, RowFormat } from "./row-formats.ts";

/** How long a slow client may take. */
export type StreamTimeouts = {
  /** For one page of about 100 KB; then the stream is cut. */
  readonly pageMs: number;
  /** For the whole stream, however fast the client reads. */
  readonly totalMs: number;
};

/** What to send, in which format, and within which limits. */
export type StreamOptions = {
  readonly pagination: Pagination;
  /** Runs the read of a page in a slot of the request queue. */
  readonly runInSlot: <T>(read: () => Promise<T>) => Promise<T>;
  readonly columns: Columns;
  readonly format: RowFormat;
  readonly timeouts: StreamTimeouts;
  /** Aborts when the client disconnects. */
  readonly disconnected: AbortSignal;
  readonly log: Logger;
};

/**
 * Streams a whole list, reading only as fast as the client does. A failure before the first page has been read is
 * thrown and becomes an ordinary problem response; after that the connection is reset, so that a partial response never
 * looks complete.
 */
export async function sendRows(response: Response, options: StreamOptions): Promise<void> {
  const { pagination, runInSlot, format, columns, timeouts, disconnected, log } = options;
  const pages = pagination.pages[Symbol.asyncIterator]();
  let page = await runInSlot(() => pages.next());
  response.set({ "content-type": `${format.mediaType}; charset=utf-8`, "takings-as-of": pagination.asOf });
  if (response.req.method === "HEAD") {
    response.end();
    return;
  }
  const ended = new AbortController();
  const endAfter = (ms: number): NodeJS.Timeout => setTimeout(() => ended.abort(tooSlow), ms);
  const totalTimer = endAfter(timeouts.totalMs);
  disconnected.addEventListener("abort", () => ended.abort(disconnected.reason), { once: true });
  const taken = async (event: "drain" | "finish"): Promise<void> => {
    const timer = endAfter(timeouts.pageMs);
    try {
      await once(response, event, { signal: ended.signal });
    } finally {
      clearTimeout(timer);
    }
  };
  const send = async (text: string): Promise<void> => {
    ended.signal.throwIfAborted();
    if (text !== "" && !response.write(text)) await taken("drain");
  };
  try {
    disconnected.throwIfAborted();
    let rows = 0;
    await send(format.begin(columns));
    while (page.done !== true) {
      rows += page.value.length;
      await send(format.rows(page.value, columns));
      page = await runInSlot(() => pages.next());
    }
    ended.signal.throwIfAborted();
    const finished = taken("finish");
    response.end(format.end({ rows, asOf: pagination.asOf }));
    await finished;
  } catch (err) {
    if (disconnected.aborted) return;
    if (ended.signal.aborted) log.warn({ path: response.req.path }, "stream_too_slow");
    else log.error({ err, path: response.req.path }, "stream_cut");
    reset(response);
  } finally {
    clearTimeout(totalTimer);
  }
}

const tooSlow = new Error("the client reads the stream too slowly");

/** An orderly close would mark the end of a complete body in HTTP/1.0. */
function reset(response: Response): void {
  response.socket?.resetAndDestroy();
}
