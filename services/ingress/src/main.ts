import {
  createEventPublisher,
  createServerCheck,
  type EventPublisher,
  inspectStream,
  openLink,
} from "@takings/nats";
import {
  createLogger,
  createMetrics,
  type Logger,
  listen,
  run,
  type Scope,
  secretFileMetric,
  buildInfo,
  startAdminServer,
} from "@takings/runtime";
import { endTracing } from "@takings/telemetry";
import { createAdmission } from "./admission.ts";
import { createApp } from "./app.ts";
import { type DurabilityWatch, watchDurability } from "./durability-watch.ts";
import { watchLoop } from "./loop-load.ts";
import { createIngressMetrics, type IngressMetrics } from "./metrics.ts";
import { durabilityNeeds, readSettings, type Settings } from "./settings.ts";
import { loadSigningSecrets } from "./signing-secrets.ts";

const graceMs = 25_000;
const ackTimeoutMs = 4_000;
const deadlineMs = 8_000;
/** Ten times what the largest body takes at 10 Mbit/s: whoever is slower holds room that others need. */
const bodyTimeoutMs = 4_000;
/** Far above what a busy but healthy process shows, also on a machine that others keep busy: only one that is stuck sheds. */
const loopLimits = { lateMs: 1_000, windowMs: 1_000 };
const limits = {
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  maxConnections: 4_000,
  drainTimeoutMs: 3_000,
};

await run({ graceMs, start });

async function start(scope: Scope): Promise<Logger> {
  const settings = readSettings(process.env);
  const log = createLogger({ service: "ingress", level: settings.LOG_LEVEL });
  scope.onStop("tracing", endTracing);
  const metrics = createMetrics();
  buildInfo(metrics, "ingress");
  const ingressMetrics = createIngressMetrics(metrics);
  const secrets = loadSigningSecrets(settings, {
    log,
    onLive: ingressMetrics.secretLive,
    onFile: secretFileMetric(metrics, "STRIPE_WEBHOOK_SECRETS"),
  });

  const { publisher, durability } = await openStream(scope, settings, { metrics: ingressMetrics, log });
  const admin = await startAdminServer({
    port: settings.ADMIN_PORT,
    host: settings.HOST,
    metrics,
    unreadiness: () => (scope.stopping.aborted ? "stopping" : durability.fault()),
  });
  scope.onStop("admin server", admin.close);

  const loop = watchLoop(loopLimits);
  scope.onStop("loop watch", loop.stop);
  const requests = { requests: settings.MAX_IN_FLIGHT_REQUESTS, bytes: settings.MAX_IN_FLIGHT_BYTES };
  const app = createApp({
    publisher,
    admission: createAdmission(requests, loop.isBehind),
    maxBodyBytes: settings.MAX_BODY_BYTES,
    deadlineMs,
    bodyTimeoutMs,
    durabilityFault: durability.fault,
    metrics: ingressMetrics,
    secrets,
    log,
  });
  const server = await listen(app, { port: settings.PORT, host: settings.HOST, limits });
  scope.onStop("http server", server.close);
  log.info({ port: server.port, admin_port: admin.port }, "listening");
  return log;
}

type StreamDependencies = { readonly metrics: IngressMetrics; readonly log: Logger };

/** The way to the stream, with an eye on what a confirmation of it is worth. */
async function openStream(
  scope: Scope,
  settings: Settings,
  { metrics, log }: StreamDependencies,
): Promise<{ readonly publisher: EventPublisher; readonly durability: DurabilityWatch }> {
  const link = await openLink({
    url: settings.NATS_URL,
    credsFile: settings.NATS_CREDS_FILE,
    name: "ingress",
  });
  link.broken.catch((error: unknown) => scope.fail("nats_closed", error));
  const publisher = createEventPublisher(link, {
    ackTimeoutMs,
    onBatchingUnavailable: (reason) => log.warn({ reason }, "batching_unavailable"),
    onUnverified: metrics.storedAgain,
  });
  const needs = durabilityNeeds(settings);
  const durability = watchDurability({
    checks: needs && { stream: () => inspectStream(link, needs), servers: createServerCheck(link, needs) },
    onStreamChanged: publisher.streamChanged,
    onFirstSequence: publisher.setFirstSequence,
    metrics,
    log,
  });
  link.watch(({ connected, server }) => {
    log[connected ? "info" : "error"]({ server }, connected ? "nats_connected" : "nats_disconnected");
    // Another server may have taken over, with other settings.
    if (connected) durability.connected();
    else durability.stop();
  });
  scope.onStop("nats", link.close);
  scope.onStop("durability watch", durability.stop);
  return { publisher, durability };
}
