import { heapArguments } from "@takings/runtime/heap-arguments";
import { probeFailure } from "../network/http-probe.ts";
import type { ProcessDefinition } from "../processes/process-definition.ts";

/** The services by the names of their folders. */
export type ServiceName = "ingress" | "consumer" | "revenue-query";

/** How node runs a service: as in the image, with tracing preloaded. */
export function serviceArguments(name: ServiceName): readonly string[] {
  return programArguments(`services/${name}/src/main.ts`);
}

/** The same for another program; `main` is relative to the project's root. */
export function programArguments(main: string): readonly string[] {
  return [...heapArguments, "--import", "./packages/telemetry/src/register.ts", main];
}

/** A service as a process; ready when its readiness probe succeeds. */
export function serviceProcess(
  settings: Pick<ProcessDefinition, "name" | "logFile" | "command" | "tee"> & { readonly adminUrl: string },
): ProcessDefinition {
  const { adminUrl, ...process } = settings;
  return {
    ...process,
    signal: "SIGTERM",
    graceMs: 30_000,
    ready: { withinMs: 60_000, missing: () => probeFailure(`${adminUrl}/readyz`) },
  };
}
