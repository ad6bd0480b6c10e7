import type { Response } from "express";
import type { AcquireSlot, SlotRequest } from "./request-queue.ts";
import { withDeadline } from "./with-deadline.ts";

/** How reads of the database are limited. */
export type SlotDependencies = { readonly deadlineMs: number; readonly acquireSlot: AcquireSlot };

/** Reads in a slot of the caller. The slot is held until the read ends, even after the request has timed out. */
export async function runInSlot<T>(
  read: () => Promise<T>,
  slot: SlotRequest,
  { acquireSlot, deadlineMs }: SlotDependencies,
): Promise<T> {
  const release = await acquireSlot(slot);
  const reading = read();
  void reading.then(release, release);
  return await withDeadline(reading, deadlineMs);
}

/** Aborts when the client disconnects or the response is complete. */
export function disconnectSignal(response: Response): AbortSignal {
  const disconnected = new AbortController();
  response.once("close", () => disconnected.abort());
  // The client may have disconnected before the listener was added.
  if (response.destroyed) disconnected.abort();
  return disconnected.signal;
}
