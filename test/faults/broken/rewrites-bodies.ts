import { replacePackage } from "./break.ts";

replacePackage("@takings/nats", new URL("parts/nats-rewrites.ts", import.meta.url));
