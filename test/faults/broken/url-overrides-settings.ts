import { patchModule } from "./patch-modules.ts";

const file = "/packages/postgres/src/session/session.ts";
patchModule(file, "[...given, ...ours]", "[...ours, ...given]");
patchModule(file, "if (missing.length === 0) return;", "if (missing.length >= 0) return;");
