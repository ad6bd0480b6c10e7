import { patchModule } from "./patch-modules.ts";

// As Node's maxConnections does: at the limit each new connection is closed, whatever the others do.
patchModule(
  "/packages/runtime/src/connection-limit.ts",
  "const displaced = longestWaiting(group);",
  "const displaced = undefined;",
);
