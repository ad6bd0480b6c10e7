import { replacePackage } from "./break.ts";

replacePackage("@takings/nats", new URL("parts/nats-acks-first.ts", import.meta.url));
