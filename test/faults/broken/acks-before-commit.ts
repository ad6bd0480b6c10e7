import { replacePackage } from "./patch-modules.ts";

replacePackage("@takings/nats", new URL("replacements/nats-acks-before-commit.ts", import.meta.url));
