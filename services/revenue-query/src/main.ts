import { run } from "@takings/runtime";
import { startRevenueQuery } from "./service.ts";
import { readSettings } from "./settings.ts";

const graceMs = 20_000;

await run({ graceMs, start: (scope) => startRevenueQuery(scope, readSettings(process.env)) });
