export { demoAccess } from "./demo-access.ts";
export { temporaryDirectory } from "./directory/temporary-directory.ts";
export type { RunFile } from "./directory/run-file.ts";
export { loadSecrets, type Secrets } from "./directory/secrets.ts";
export type { Env } from "./env.ts";
export { explain } from "./failure.ts";
export {
  natsMonitorUrl,
  natsPasswords,
  type NatsSettings,
  natsUrls,
} from "./nats/config.ts";
export { findNatsServer } from "./nats/find-nats-server.ts";
export { natsProcess } from "./nats/server.ts";
export { isOk, probeFailure } from "./network/http-probe.ts";
export { freePorts } from "./network/ports.ts";
export { proxyExemption } from "./network/proxy-exemption.ts";
export type { PostgresSettings } from "./postgres/cluster.ts";
export { createDatabaseAndRoles, grantServiceRoles, withClient } from "./postgres/roles.ts";
export { postgresProcess } from "./postgres/server.ts";
export { databaseUrl, databaseUrls } from "./postgres/urls.ts";
export { postgresUser } from "./postgres/user.ts";
export type { Child, ProcessCommand } from "./processes/child.ts";
export { endProcess, forceEnd, type Stoppable, signalProcess } from "./processes/end-process.ts";
export { nodeCommand } from "./processes/node-command.ts";
export { launch, type ProcessDefinition, stoppable } from "./processes/process-definition.ts";
export { isAlive, isStopped, type ProcessIdentity, startOf } from "./processes/process-identity.ts";
export { type Reaper, startReaper } from "./processes/reaper-client.ts";
export { type RunningProcess, type StartOptions, startProcess } from "./processes/start-process.ts";
export { stopOnSignals } from "./processes/stop-on-signals.ts";
export { watchLaunchers } from "./processes/watch-launchers.ts";
export { projectRoot, toolCache } from "./project-root.ts";
export { runDemo } from "./run-demo.ts";
export {
  programArguments,
  serviceArguments,
  type ServiceName,
  serviceProcess,
} from "./run/service-process.ts";
export { type ServiceDefinition, services } from "./run/services.ts";
export { startStack } from "./run/stack.ts";
