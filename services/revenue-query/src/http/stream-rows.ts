import type { Logger } from "@takings/runtime";
import type { Response } from "express";
import type { RouteRequest, Rows } from "../routes/route.ts";
import type { RowFormat } from "../streaming/row-formats.ts";
import { sendRows, type StreamTimeouts } from "../streaming/send-rows.ts";
import type { AcquireStreamSlot } from "../streaming/stream-slots.ts";
import type { SlotRequest } from "./request-queue.ts";
import { runInSlot, type SlotDependencies } from "./run-in-slot.ts";

/** How streams are limited, beside the reads of their pages. */
export type StreamDependencies = SlotDependencies & {
  readonly acquireStreamSlot: AcquireStreamSlot;
  readonly streamTimeouts: StreamTimeouts;
  readonly log: Logger;
};

/** Which rows are streamed, to whom. */
export type StreamRequest = {
  readonly format: RowFormat;
  readonly routeRequest: RouteRequest;
  readonly response: Response;
  readonly slot: SlotRequest;
};

/** Longer than for a new request, because cutting a running stream wastes what was already sent. */
const streamQueueTimeoutMs = 30_000;

/**
 * Streams all rows within the limits of the caller; see {@link sendRows}.
 * @throws HttpProblem and TakingsError before anything was sent, as the route of the rows does, or for want of a slot.
 */
export async function streamRows(
  { columns, paginate }: Rows,
  { format, routeRequest, response, slot }: StreamRequest,
  deps: StreamDependencies,
): Promise<void> {
  const releaseStreamSlot = deps.acquireStreamSlot(slot.caller);
  try {
    const pagination = await runInSlot(() => paginate(routeRequest), slot, deps);
    await sendRows(response, {
      pagination,
      runInSlot: (read) => runInSlot(read, { ...slot, streamQueueTimeoutMs }, deps),
      columns,
      format,
      timeouts: deps.streamTimeouts,
      disconnected: slot.signal,
      log: deps.log,
    });
  } finally {
    releaseStreamSlot();
  }
}
