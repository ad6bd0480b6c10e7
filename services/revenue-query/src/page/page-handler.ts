import type { Logger } from "@takings/runtime";
import type { RequestHandler, Response } from "express";
import { Temporal } from "temporal-polyfill";
import { disconnectSignal, runInSlot, type SlotDependencies } from "../http/run-in-slot.ts";
import type { Routes } from "../routes/all-routes.ts";
import type { Access } from "./access/access.ts";
import { askedFor } from "./asked-for.ts";
import { createFormats, localeOf } from "./format/formats.ts";
import type { IntlFormats } from "./format/intl-formats.ts";
import { createPageApi } from "./page-api.ts";
import { createReadClock } from "./read-clock.ts";
import { respond } from "./respond.ts";
import type { View } from "./view.ts";

/** What showing a view depends on. */
export type PageHandlerDependencies = SlotDependencies & {
  readonly routes: Routes;
  readonly accessOf: (response: Response) => Access;
  readonly intl: IntlFormats;
  readonly grafanaUrl?: string | undefined;
  readonly log: Logger;
};

/** Shows a view to someone who may see it. */
export function createPageHandler(view: View, deps: PageHandlerDependencies): RequestHandler {
  return async (request, response) => {
    const access = deps.accessOf(response);
    const slot = { caller: access.caller, signal: disconnectSignal(response) };
    const formats = createFormats(localeOf(request.headers["accept-language"]), deps.intl);
    const reads = createReadClock();
    const api = createPageApi(deps.routes, access.scope, (read) =>
      reads.during(() => runInSlot(read, slot, deps)),
    );
    const asked = askedFor(request);
    const { search, path } = asked;
    const viewRequest = { ...asked, api, formats, now: Temporal.Now.instant() };
    const searched = search.get("q") ?? "";
    const place = { path: view.path, search };
    const { grafanaUrl, log } = deps;
    const [subject] = Object.values(path);
    const shown = { path: view.path, access, searched, subject, place, grafanaUrl, log };
    try {
      await respond(response, shown, async () => {
        const result = await view.show(viewRequest);
        // What is left of the response time is rendering: `bench page` and a browser's tools tell the two apart.
        response.set("server-timing", `db;dur=${reads.ms().toFixed(1)}`);
        return result;
      });
    } catch (error) {
      // A client that disconnected while it waited for a slot gets no response.
      if (error !== slot.signal.reason) throw error;
    }
  };
}
