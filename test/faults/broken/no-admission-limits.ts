import { patchModule } from "./patch-modules.ts";

const service = "/services/ingress/src/service.ts";

// The case also sets the configured limits very high: nothing limits the number and duration of requests while NATS hangs.
patchModule(service, "const bodyTimeoutMs = 4_000;", "const bodyTimeoutMs = 60_000;");
patchModule(service, "const ackTimeoutMs = 4_000;", "const ackTimeoutMs = 60_000;");
patchModule(service, "const deadlineMs = 8_000;", "const deadlineMs = 60_000;");
patchModule(service, "{ lateMs: 1_000,", "{ lateMs: 60_000,");
patchModule(
  "/services/ingress/src/watch-durability.ts",
  "const streamFreshMs = 3_000;",
  "const streamFreshMs = 60_000;",
);
patchModule(
  "/packages/nats/src/publish/confirmations.ts",
  "isStuck: () => unread !== undefined,",
  "isStuck: () => false,",
);
