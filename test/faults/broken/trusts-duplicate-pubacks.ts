import { patchModule } from "./patch-modules.ts";

// Takes a duplicate PubAck for a confirmation that the event is on the server's disk.
patchModule(
  "/packages/nats/src/publish/verifying-writer.ts",
  "if (stored.duplicate && !verified.has(keyOf(event), stored.sequence)) {",
  "if (stored.sequence < 0) {",
);
