import { patchModule } from "./patch-modules.ts";

patchModule(
  "/packages/runtime/src/open-files.ts",
  "Math.min(wanted, Math.max(Math.floor(limit / 2), limit - reservedFiles))",
  "wanted",
);
