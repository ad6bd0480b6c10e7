import { patchModule } from "./patch-modules.ts";

// The case also drops the table's primary key.
patchModule(
  "/packages/postgres/src/record/write-events.ts",
  "on conflict (event_id, source) do nothing",
  `where not exists (
    select from takings.events as known
    where known.event_id = incoming.event_id and known.source = incoming.source
  )`,
);
