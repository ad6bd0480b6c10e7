import { patchModule } from "./patch-modules.ts";

// The table's key has to go as well; the case sees to that.
patchModule(
  "/packages/postgres/src/record/write-events.ts",
  "on conflict (event_id) do nothing",
  "where not exists (select from takings.events as known where known.event_id = incoming.event_id)",
);
