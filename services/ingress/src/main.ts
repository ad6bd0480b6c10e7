import { run } from "@takings/runtime";
import { startIngress } from "./service.ts";
import { readSettings } from "./settings.ts";

const graceMs = 25_000;

await run({ graceMs, start: (scope) => startIngress(scope, readSettings(process.env)) });
