import { patchModule } from "./patch-modules.ts";

patchModule("/nats/src/consume/settle-deliveries.ts", "held && stale.get(held)", "undefined");
