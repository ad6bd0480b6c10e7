import { patchModule } from "./patch-modules.ts";

// Takes the server's word that it knows an event for proof that the event is on its disk.
patchModule(
  "/packages/nats/src/publish/verifying-writer.ts",
  "if (stored.duplicate && !verified.has(keyOf(event), stored.sequence)) {",
  "if (stored.sequence < 0) {",
);
