import { run } from "@takings/runtime";
import { startConsumer } from "./service.ts";
import { readSettings } from "./settings.ts";

const graceMs = 40_000;

await run({ graceMs, start: (scope) => startConsumer(scope, readSettings(process.env)) });
