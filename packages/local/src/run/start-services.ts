import { join } from "node:path";
import { urlHost } from "../network/listen-host.ts";
import { freePorts, requireFree } from "../network/ports.ts";
import { grantServiceRoles } from "../postgres/roles.ts";
import { nodeCommand } from "../processes/node-command.ts";
import type { ServerAddresses } from "./server-addresses.ts";
import type { Servers } from "./servers.ts";
import { serviceProcess } from "./service-process.ts";
import { localEnv, type ServiceDefinition, type SetupStep } from "./services.ts";
import type { StackContext } from "./stack-context.ts";

/** Runs the set-up commands, one after the other; the first that fails ends the start. */
export async function runSetup(
  context: StackContext,
  steps: readonly SetupStep[],
  servers: Servers,
): Promise<void> {
  for (const { name, announcement, args, env } of steps) {
    context.say(announcement);
    const command = nodeCommand(args, { ...localEnv(context.env), ...env(servers) });
    const logFile = join(context.dir, "logs", `${name}.log`);
    await context.run({ name, logFile, signal: "SIGTERM", graceMs: 5_000, command: () => command });
  }
  if (steps.length > 0) await grantServiceRoles(servers.postgres);
}

/** Starts the services, beside each other. */
export async function startServices(
  context: StackContext,
  services: readonly ServiceDefinition[],
  servers: ServerAddresses,
): Promise<void> {
  context.say("Starting the services …");
  // Checked again: since the first time a database may have been created, and the port taken.
  await requireFree("INGRESS_PORT", context.publicPorts.ingress);
  await requireFree("REVENUE_PORT", context.publicPorts.revenue);
  const adminPorts = await freePorts(services.length);
  await Promise.all(
    services.map((service, index) => startService(context, service, adminPorts[index] ?? 0, servers)),
  );
}

function startService(
  context: StackContext,
  { key, name, args, serves, env }: ServiceDefinition,
  adminPort: number,
  servers: ServerAddresses,
): Promise<void> {
  const port = serves === undefined ? undefined : context.publicPorts[serves];
  const { host } = context;
  const adminUrl = `http://${urlHost(host)}:${adminPort}`;
  const command = nodeCommand(args, {
    ...localEnv(context.env),
    HOST: host,
    ADMIN_PORT: String(adminPort),
    PORT: port === undefined ? undefined : String(port),
    OTEL_SERVICE_NAME: name,
    ...env(servers),
  });
  const logFile = join(context.dir, "logs", `${name}.log`);
  const tee = context.terminal?.forService(name);
  return context.start(
    key,
    serviceProcess({ name, logFile, adminUrl, command: () => command, ...(tee && { tee }) }),
    // A service without a public port is found at its admin port.
    { url: port === undefined ? adminUrl : `http://${urlHost(host)}:${port}`, admin_url: adminUrl },
  );
}
