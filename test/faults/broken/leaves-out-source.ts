import { patchModule } from "./patch-modules.ts";

// The server, and ingress itself, take the event of one source for that of another one with the same id.
patchModule(
  "/packages/nats/src/publish/stream-writer.ts",
  "return messageIdOf({ source, eventId: id });",
  "return source === '' ? messageIdOf({ source, eventId: id }) : id;",
);
