import { replacePackage } from "./break.ts";

replacePackage("@takings/nats", new URL("parts/nats-never-returns.ts", import.meta.url));
