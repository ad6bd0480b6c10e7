import { replacePackage } from "./break.ts";

replacePackage("@takings/nats", new URL("parts/nats-waits-for-nothing.ts", import.meta.url));
