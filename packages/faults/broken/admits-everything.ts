import { changePassage } from "./break.ts";

// With the bounds of its settings taken away too, nothing else limits what it holds while NATS hangs.
changePassage("/services/ingress/src/main.ts", "const bodyWithinMs = 4_000;", "const bodyWithinMs = 60_000;");
changePassage(
  "/packages/nats/src/confirmations.ts",
  "isStuck: () => unread !== undefined,",
  "isStuck: () => false,",
);
