import {
  createEventPublisher,
  createServerCheck,
  type EventPublisher,
  inspectStream,
  openLink,
} from "@takings/nats";
import {
  registerBuildInfo,
  connectionsWithinOpenFiles,
  createClientOf,
  createLogger,
  createMetrics,
  createPeriodicCheck,
  listen,
  type Logger,
  type Scope,
  registerSecretFileMetric,
  startAdminServer,
} from "@takings/runtime";
import { endTracing } from "@takings/telemetry";
import { createAdmission } from "./admission.ts";
import { loadAllowedAddresses } from "./allowed-addresses.ts";
import { createApp } from "./app.ts";
import { type DurabilityWatch, watchDurability } from "./watch-durability.ts";
import { watchLoop } from "./watch-loop.ts";
import { createIngressMetrics, type IngressMetrics } from "./metrics.ts";
import type { Settings } from "./settings.ts";
import { loadSources } from "./served-sources.ts";

const ackTimeoutMs = 4_000;
const deadlineMs = 8_000;
/** Files are read when requests need them; this reports a broken one while there are none. */
const fileCheckIntervalMs = 2_000;
/** Ten times what the largest body takes at 10 Mbit/s: slower clients hold memory that others need. */
const bodyTimeoutMs = 4_000;
/** Far above what a busy but healthy process shows, even on an overloaded machine: only one that is stuck sheds load. */
const loopLimits = { lateMs: 1_000, windowMs: 1_000 };
const limits = {
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  maxConnections: 4_000,
  drainTimeoutMs: 3_000,
};

/** Composes ingress and starts it. Resolves with its logger once it accepts requests. */
export async function startIngress(scope: Scope, settings: Settings): Promise<Logger> {
  const log = createLogger({ service: "ingress", level: settings.logLevel });
  scope.onStop("tracing", endTracing);
  const metrics = createMetrics();
  registerBuildInfo(metrics, "ingress");
  const ingressMetrics = createIngressMetrics(metrics);
  const sources = loadSources(settings, {
    log,
    onServed: ingressMetrics.sourceServed,
    onLive: ingressMetrics.secretLive,
    onFile: registerSecretFileMetric(metrics),
  });
  const fileCheck = createPeriodicCheck({
    check: async () => sources.readFiles(),
    intervalMs: fileCheckIntervalMs,
  });
  fileCheck.start();
  scope.onStop("file check", fileCheck.stop);
  const allowed =
    settings.allowedAddressesFile === undefined
      ? undefined
      : loadAllowedAddresses(settings.allowedAddressesFile, { log, onFile: ingressMetrics.addressesFile });

  const { publisher, durability } = await openStream(scope, settings, { metrics: ingressMetrics, log });
  const notReadyReason = (): string | undefined => (scope.stopping.aborted ? "stopping" : durability.fault());
  const admin = await startAdminServer({
    port: settings.adminPort,
    host: settings.host,
    metrics,
    notReadyReason,
  });
  scope.onStop("admin server", admin.close);

  const loop = watchLoop(loopLimits);
  scope.onStop("loop watch", loop.stop);
  const app = createApp({
    publisher,
    proxies: settings.proxies,
    allowed,
    admission: createAdmission(settings.maxInFlight, loop.isBehind),
    maxBodyBytes: settings.maxBodyBytes,
    deadlineMs,
    bodyTimeoutMs,
    durabilityFault: durability.fault,
    notReadyReason,
    metrics: ingressMetrics,
    sources: sources.served,
    log,
  });
  const maxConnections = connectionsWithinOpenFiles(limits.maxConnections, log);
  const server = await listen(app, {
    port: settings.port,
    host: settings.host,
    limits: { ...limits, maxConnections },
    clientOf: createClientOf(settings.proxies),
  });
  scope.onStop("http server", server.close);
  log.info({ port: server.port, admin_port: admin.port }, "listening");
  return log;
}

type StreamDependencies = { readonly metrics: IngressMetrics; readonly log: Logger };

/** Opens the connection to the stream, and watches whether its confirmations are durable. */
async function openStream(
  scope: Scope,
  { nats, durabilityNeeds: needs }: Settings,
  { metrics, log }: StreamDependencies,
): Promise<{ readonly publisher: EventPublisher; readonly durability: DurabilityWatch }> {
  const link = await openLink({ ...nats, name: "ingress" });
  link.broken.catch((error: unknown) => scope.fail("nats_closed", error));
  const publisher = createEventPublisher(link, {
    ackTimeoutMs,
    onBatchingUnavailable: (reason) => log.warn({ reason }, "batching_unavailable"),
    onUnverified: metrics.storedAgain,
  });
  const durability = watchDurability({
    checks: needs && { stream: () => inspectStream(link, needs), servers: createServerCheck(link, needs) },
    onStreamChanged: publisher.streamChanged,
    onFirstSequence: publisher.setFirstSequence,
    metrics,
    log,
  });
  link.watch(({ connected, server, reason }) => {
    log[connected ? "info" : "error"]({ server, reason }, connected ? "nats_connected" : "nats_disconnected");
    // Another server may have taken over, with other settings.
    if (connected) durability.connected();
    else durability.stop();
  });
  scope.onStop("nats", link.close);
  scope.onStop("durability watch", durability.stop);
  return { publisher, durability };
}
