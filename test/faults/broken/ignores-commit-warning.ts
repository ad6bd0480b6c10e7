import { patchModule } from "./patch-modules.ts";

patchModule(
  "/packages/postgres/src/session/commit.ts",
  "if (warnings.length > 0) throw",
  "if (warnings.length < 0) throw",
);
