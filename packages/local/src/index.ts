export { type Child, type ProcessCommand, startChild } from "./processes/child.ts";
export { nodeCommand } from "./processes/node-command.ts";
export { demoAccess } from "./demo-access.ts";
export {
  endProcess,
  forceEnd,
  freezeProcess,
  type Stoppable,
  signalProcess,
} from "./processes/end-process.ts";
export type { Env } from "./env.ts";
export { eventually } from "./eventually.ts";
export { lastLines } from "./processes/last-lines.ts";
export { explain, LocalFailure } from "./failure.ts";
export { isOk } from "./network/http-probe.ts";
export { stopOnSignals } from "./processes/stop-on-signals.ts";
export { natsCommand, type NatsSettings, natsUrl } from "./nats/config.ts";
export { type ProcessIdentity, startOf } from "./processes/process-identity.ts";
export { findNatsServer } from "./nats/find-nats-server.ts";
export { freePorts } from "./network/ports.ts";
export {
  answersQueries,
  createDatabaseAndRoles,
  databaseName,
  grantServiceRoles,
  withClient,
} from "./postgres/roles.ts";
export { type PostgresSettings, postgresUrl, preparePostgres, superuserUrl } from "./postgres/cluster.ts";
export { projectRoot } from "./project-root.ts";
export { proxyExemption } from "./network/proxy-exemption.ts";
export { parseRevenue } from "./read-revenue.ts";
export { type Reaper, startReaper } from "./processes/reaper-client.ts";
export { difference, mismatches, type Totals } from "./revenue-totals.ts";
export { runDemo } from "./run-demo.ts";
export { loadSecrets, type Secrets } from "./directory/secrets.ts";
export { serviceArguments, type ServiceDefinition, services } from "./run/services.ts";
export { startStack } from "./run/stack.ts";
export { temporaryDirectory } from "./directory/temporary-directory.ts";
export { generateTraffic, type Traffic, type TrafficEvent } from "./traffic.ts";
export { watchLaunchers } from "./processes/watch-launchers.ts";
