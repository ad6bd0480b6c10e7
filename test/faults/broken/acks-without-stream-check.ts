import { patchModule } from "./patch-modules.ts";

patchModule("/nats/src/settle-deliveries.ts", "held && stale.get(held)", "undefined");
