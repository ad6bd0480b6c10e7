import { once } from "node:events";
import type { Logger } from "@takings/runtime";
import type { Response } from "express";
import type { Columns, RowFormat } from "./row-formats.ts";
import type { Pagination } from "./pagination.ts";

/** What a client that reads slowly may cost. */
export type StreamTimes = {
  /** A page, some 100 KB, that a client has not taken by then ends the stream. */
  readonly pageMs: number;
  /** No stream lasts longer, whatever its client takes. */
  readonly wholeMs: number;
};

/** What is sent, how it is written, and what happens around it. */
export type StreamOptions = {
  readonly pagination: Pagination;
  /** Reads a page of the walk in the caller's turn; the first decides between an answer and a problem. */
  readonly runInSlot: <T>(read: () => Promise<T>) => Promise<T>;
  readonly columns: Columns;
  readonly format: RowFormat;
  readonly times: StreamTimes;
  /** Aborts when the client is gone. */
  readonly gone: AbortSignal;
  readonly log: Logger;
};

/**
 * Sends a list to its end, reading on only as fast as the client takes it. Until the first page is read a failure is
 * an answer like any other; after that the connection is reset, so that a part never looks like the whole.
 */
export async function sendRows(response: Response, options: StreamOptions): Promise<void> {
  const { pagination, runInSlot, format, columns, times, gone, log } = options;
  const pages = pagination.pages[Symbol.asyncIterator]();
  let page = await runInSlot(() => pages.next());
  response.set({ "content-type": `${format.mediaType}; charset=utf-8`, "takings-as-of": pagination.asOf });
  if (response.req.method === "HEAD") {
    response.end();
    return;
  }
  const ended = new AbortController();
  const endAfter = (ms: number): NodeJS.Timeout => setTimeout(() => ended.abort(tooSlow), ms);
  const whole = endAfter(times.wholeMs);
  gone.addEventListener("abort", () => ended.abort(gone.reason), { once: true });
  const taken = async (event: "drain" | "finish"): Promise<void> => {
    const timer = endAfter(times.pageMs);
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
    gone.throwIfAborted();
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
    if (gone.aborted) return;
    if (ended.signal.aborted) log.warn({ path: response.req.path }, "stream_too_slow");
    else log.error({ err, path: response.req.path }, "stream_cut");
    reset(response);
  } finally {
    clearTimeout(whole);
  }
}

const tooSlow = new Error("the client takes its stream too slowly");

/** Not an orderly end, which for HTTP/1.0 would be the sign of a complete body. */
function reset(response: Response): void {
  response.socket?.resetAndDestroy();
}
