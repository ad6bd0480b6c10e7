import { replacePackage } from "./patch-modules.ts";

replacePackage("@takings/nats", new URL("replacements/nats-reserializes-bodies.ts", import.meta.url));
