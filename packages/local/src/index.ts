export { type Child, type ProcessCommand, startChild } from "./child.ts";
export { nodeCommand } from "./node-command.ts";
export { demoAccess } from "./demo-access.ts";
export { endProcess, forceEnd, freezeProcess, type Stoppable, signalProcess } from "./end-process.ts";
export type { Env } from "./env.ts";
export { eventually } from "./eventually.ts";
export { lastLines } from "./last-lines.ts";
export { explain, LocalFailure } from "./failure.ts";
export { isOk } from "./http-probe.ts";
export { stopOnSignals } from "./stop-on-signals.ts";
export { natsCommand, type NatsSettings, natsUrl } from "./nats-config.ts";
export { type ProcessIdentity, startOf } from "./process-identity.ts";
export { findNatsServer } from "./find-nats-server.ts";
export { freePorts } from "./ports.ts";
export {
  answersQueries,
  createDatabaseAndRoles,
  databaseName,
  grantServiceRoles,
  withClient,
} from "./postgres-roles.ts";
export { type PostgresSettings, postgresUrl, preparePostgres, superuserUrl } from "./postgres-server.ts";
export { projectRoot } from "./project-root.ts";
export { proxyExemption } from "./proxy-exemption.ts";
export { type Reaper, startReaper } from "./reaper-client.ts";
export { runDemo } from "./run-demo.ts";
export { loadSecrets, type Secrets } from "./secrets.ts";
export { serviceArguments, type ServiceDefinition, services } from "./services.ts";
export { startStack } from "./stack.ts";
export { temporaryDirectory } from "./temporary-directory.ts";
export { watchLaunchers } from "./watch-launchers.ts";
