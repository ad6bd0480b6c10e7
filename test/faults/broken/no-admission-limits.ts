import { patchModule } from "./patch-modules.ts";

const main = "/services/ingress/src/main.ts";

// The case also sets the configured limits very high: nothing limits the number and duration of requests while NATS hangs.
patchModule(main, "const bodyTimeoutMs = 4_000;", "const bodyTimeoutMs = 60_000;");
patchModule(main, "const ackTimeoutMs = 4_000;", "const ackTimeoutMs = 60_000;");
patchModule(main, "const deadlineMs = 8_000;", "const deadlineMs = 60_000;");
patchModule(main, "{ lateMs: 1_000,", "{ lateMs: 60_000,");
patchModule(
  "/services/ingress/src/durability-watch.ts",
  "const streamFreshMs = 3_000;",
  "const streamFreshMs = 60_000;",
);
patchModule(
  "/packages/nats/src/confirmations.ts",
  "isStuck: () => unread !== undefined,",
  "isStuck: () => false,",
);
