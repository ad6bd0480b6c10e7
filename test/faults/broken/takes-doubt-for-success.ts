import { replacePackage } from "./break.ts";

replacePackage("@takings/nats", new URL("parts/nats-believes.ts", import.meta.url));
