import { mkdirSync } from "node:fs";
import { probeFailure } from "../network/http-probe.ts";
import type { ProcessDefinition } from "../processes/process-definition.ts";
import { natsCommand, natsMonitorUrl, type NatsSettings } from "./config.ts";

/** A nats-server as a process. Its configuration is written at each start. */
export function natsProcess(binary: string, settings: NatsSettings, logFile: string): ProcessDefinition {
  mkdirSync(settings.dir, { recursive: true, mode: 0o700 });
  return {
    name: "nats",
    logFile,
    signal: "SIGTERM",
    graceMs: 10_000,
    command: () => natsCommand(binary, settings),
    ready: { withinMs: 120_000, missing: () => probeFailure(`${natsMonitorUrl(settings)}/healthz`) },
  };
}
