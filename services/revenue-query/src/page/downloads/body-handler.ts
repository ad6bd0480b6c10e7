import type { RequestHandler } from "express";
import { HttpProblem } from "../../http/http-problem.ts";
import { disconnectSignal, runInSlot } from "../../http/run-in-slot.ts";
import type { Routes } from "../../routes/all-routes.ts";
import { askedFor } from "../asked-for.ts";
import { respond } from "../respond.ts";
import type { DownloadDependencies } from "./download-handler.ts";
import { fileName } from "./file-name.ts";

/** The path of the body of an event, in OpenAPI's notation. */
export const bodyPath = "/events/{event_id}/body";

/** Sends the body of an event exactly as it was received, as a file. A problem is shown as a view. */
export function createBodyHandler(
  { event: route }: Pick<Routes, "event">,
  deps: DownloadDependencies,
): RequestHandler {
  return async (request, response) => {
    const { caller, scope } = deps.accessOf(response);
    const slot = { caller, signal: disconnectSignal(response) };
    try {
      const event = await runInSlot(() => route.reply({ ...askedFor(request), scope }), slot, deps);
      if (event.payload_removed_at !== null)
        throw new HttpProblem(404, "The body was removed to save space.");
      if (event.payload === null) throw new HttpProblem(403, "This token may not read bodies.");
      const name = fileName(`/events/${event.event_id}/body`, new URLSearchParams(), "json");
      response.set({
        "content-type": "application/octet-stream",
        "content-disposition": `attachment; filename="${name}"`,
      });
      response.send(Buffer.from(event.payload));
    } catch (error) {
      // A client that disconnected while it waited for a slot gets no response.
      if (error === slot.signal.reason) return;
      const access = deps.accessOf(response);
      const shown = { path: bodyPath, access, grafanaUrl: deps.grafanaUrl, log: deps.log };
      await respond(response, shown, () => Promise.reject(error));
    }
  };
}
