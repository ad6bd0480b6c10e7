import { patchModule } from "./patch-modules.ts";

const service = "/services/ingress/src/service.ts";
patchModule(service, "const ackTimeoutMs = 4_000;", "const ackTimeoutMs = 60_000;");
patchModule(service, "const deadlineMs = 8_000;", "const deadlineMs = 60_000;");
