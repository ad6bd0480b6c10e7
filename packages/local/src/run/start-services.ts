import { join } from "node:path";
import { type ProcessCommand, startChild } from "../processes/child.ts";
import type { Env } from "../env.ts";
import { probeFailure } from "../network/http-probe.ts";
import { urlHost } from "../network/listen-host.ts";
import { nodeCommand } from "../processes/node-command.ts";
import { freePorts, requireFree } from "../network/ports.ts";
import type { RunEntry } from "../directory/run-file.ts";
import type { Servers } from "./servers.ts";
import { localEnv, type ServiceDefinition, type SetupStep } from "./services.ts";
import type { StackContext } from "./stack.ts";
import type { Component } from "../processes/supervisor.ts";

/** Runs the set-up commands, one after the other; the first that fails ends the start. */
export async function runSetup(
  context: StackContext,
  steps: readonly SetupStep[],
  servers: Servers,
): Promise<void> {
  for (const step of steps) {
    context.say(step.announcement);
    const logFile = join(context.dir, "logs", `${step.name}.log`);
    const command = commandIn(context, step.args, step.env(servers));
    const launch = () => startChild(command, { logFile });
    await context.supervisor.run({ name: step.name, signal: "SIGTERM", graceMs: 5_000, logFile, launch });
  }
  if (steps.length > 0) await servers.grantRoles();
}

/** Starts the services, one after the other. */
export async function startServices(
  context: StackContext,
  services: readonly ServiceDefinition[],
  servers: Servers,
): Promise<void> {
  context.say("Starting the services …");
  // Asked again: since the first time a database may have been made, and somebody may have come in between.
  await requireFree("INGRESS_PORT", context.publicPorts.ingress);
  await requireFree("REVENUE_PORT", context.publicPorts.revenue);
  const adminPorts = await freePorts(services.length);
  const components = services.map((service, index) =>
    serviceComponent(context, service, adminPorts[index] ?? 0, servers),
  );
  await Promise.all(components.map((component) => context.supervisor.start(component)));
}

function serviceComponent(
  context: StackContext,
  service: ServiceDefinition,
  adminPort: number,
  servers: Servers,
): Component {
  const port = service.serves === undefined ? undefined : context.publicPorts[service.serves];
  const { host } = context;
  const adminUrl = `http://${urlHost(host)}:${adminPort}`;
  const ports = {
    HOST: host,
    ADMIN_PORT: String(adminPort),
    PORT: port === undefined ? undefined : String(port),
  };
  const named = { OTEL_SERVICE_NAME: service.name };
  const command = commandIn(context, service.args, { ...ports, ...named, ...service.env(servers) });
  const logFile = join(context.dir, "logs", `${service.name}.log`);
  const tee = context.terminal?.forService(service.name);
  return {
    key: service.key,
    name: service.name,
    signal: "SIGTERM",
    graceMs: 30_000,
    readyWithinMs: 60_000,
    logFile,
    launch: () => startChild(command, { logFile, ...(tee && { tee }) }),
    notReadyReason: () => probeFailure(`${adminUrl}/readyz`),
    describe: (pid): RunEntry => ({
      // A service without a public port is found at its admin port.
      url: port === undefined ? adminUrl : `http://${urlHost(host)}:${port}`,
      admin_url: adminUrl,
      pid,
    }),
  };
}

function commandIn(context: StackContext, args: readonly string[], env: Env): ProcessCommand {
  return { ...nodeCommand(args, { ...localEnv(context.env), ...env }), cwd: context.root };
}
