import { replacePackage } from "./patch-modules.ts";

replacePackage("@takings/nats", new URL("replacements/nats-ignores-publish-errors.ts", import.meta.url));
