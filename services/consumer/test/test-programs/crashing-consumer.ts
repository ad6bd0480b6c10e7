import { run } from "@takings/runtime";
import { toEventRecord } from "@takings/wire";
import { startConsumer } from "../../src/service.ts";
import { readSettings } from "../../src/settings.ts";

/** The consumer, except that certain bodies kill the process when it reads them. */
const crashing: typeof toEventRecord = (stored, payments) => {
  if (Buffer.from(stored.body).includes("poison")) process.kill(process.pid, "SIGKILL");
  return toEventRecord(stored, payments);
};

await run({ graceMs: 5_000, start: (scope) => startConsumer(scope, readSettings(process.env), crashing) });
