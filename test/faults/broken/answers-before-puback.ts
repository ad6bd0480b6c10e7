import { replacePackage } from "./patch-modules.ts";

replacePackage("@takings/nats", new URL("replacements/nats-answers-before-puback.ts", import.meta.url));
