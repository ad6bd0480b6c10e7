import { patchModule } from "./patch-modules.ts";

patchModule(
  "/packages/postgres/src/session/in-transaction.ts",
  "if (warnings.length > 0) throw",
  "if (warnings.length < 0) throw",
);
