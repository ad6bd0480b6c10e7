import { changePassage } from "./break.ts";

// Takes the server's word that it knows an event for proof that the event is on its disk.
changePassage(
  "/packages/nats/src/proving-writer.ts",
  "if (stored.duplicate && !proven.has(keyOf(event), stored.sequence)) {",
  "if (stored.sequence < 0) {",
);
