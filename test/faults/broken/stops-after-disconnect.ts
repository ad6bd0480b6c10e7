import { replacePackage } from "./patch-modules.ts";

replacePackage("@takings/nats", new URL("replacements/nats-stops-after-disconnect.ts", import.meta.url));
