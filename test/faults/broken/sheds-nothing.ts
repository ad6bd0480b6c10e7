import { patchModule } from "./patch-modules.ts";

patchModule("/services/ingress/src/watch-loop.ts", "isBehind: () => behind,", "isBehind: () => false,");
