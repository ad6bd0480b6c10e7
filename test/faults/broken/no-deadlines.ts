import { patchModule } from "./patch-modules.ts";

const main = "/services/ingress/src/main.ts";
patchModule(main, "const ackTimeoutMs = 4_000;", "const ackTimeoutMs = 60_000;");
patchModule(main, "const deadlineMs = 8_000;", "const deadlineMs = 60_000;");
