import { changePassage } from "./break.ts";

const main = "/services/ingress/src/main.ts";

// With the bounds of its settings taken away too, nothing limits what it holds, nor how long, while NATS hangs.
changePassage(main, "const bodyWithinMs = 4_000;", "const bodyWithinMs = 60_000;");
changePassage(main, "const ackTimeoutMs = 4_000;", "const ackTimeoutMs = 60_000;");
changePassage(main, "const deadlineMs = 8_000;", "const deadlineMs = 60_000;");
changePassage(main, "{ lateMs: 1_000,", "{ lateMs: 60_000,");
changePassage(
  "/services/ingress/src/durability-watch.ts",
  "const streamFreshMs = 3_000;",
  "const streamFreshMs = 60_000;",
);
changePassage(
  "/packages/nats/src/confirmations.ts",
  "isStuck: () => unread !== undefined,",
  "isStuck: () => false,",
);
