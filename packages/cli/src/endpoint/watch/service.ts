import type { SecretStore, StripeEndpoints, WantedEndpoint } from "@takings/endpoint";
import {
  createLogger,
  createMetrics,
  type Logger,
  type LogLevel,
  registerBuildInfo,
  type Scope,
  startAdminServer,
} from "@takings/runtime";
import type { ClusterEvent } from "../kubernetes/event-recorder.ts";
import { changeNames, createEndpointCheck } from "./check-endpoint.ts";
import { createWatchMetrics } from "./metrics.ts";
import { repeatCheck } from "./repeat-check.ts";
import { createConditionReport } from "./report-conditions.ts";

/** What the watch of an endpoint is started with. */
export type WatchSettings = {
  readonly wanted: WantedEndpoint;
  /** Endpoints with the same URL that were created in another way are replaced. */
  readonly adopt: boolean;
  /** Opens Stripe's API with the key of now. */
  readonly openStripe: (stopping: AbortSignal) => StripeEndpoints;
  readonly secrets: SecretStore;
  /** Creates an Event in the cluster; outside a cluster there is none. */
  readonly record?: ((event: ClusterEvent) => Promise<void>) | undefined;
  readonly intervalMs: number;
  readonly adminPort: number;
  /** The one address to listen on; all of them when `undefined`. */
  readonly host: string | undefined;
  readonly logLevel: LogLevel;
};

const service = "endpoint-watch";
/** Without a complete check for so many intervals the process is not ready. */
const maxMissed = 5;

/** Composes the watch and starts it. Resolves with its logger, whether Stripe is reachable or not. */
export async function startWatch(scope: Scope, settings: WatchSettings): Promise<Logger> {
  const { wanted, secrets, record, intervalMs } = settings;
  const log = createLogger({ service, level: settings.logLevel });
  const metrics = createMetrics();
  registerBuildInfo(metrics, service);
  const watchMetrics = createWatchMetrics(metrics, wanted.source, changeNames);
  let completedAt: number | undefined;
  let failure = "the endpoint has not been checked yet";
  const notReadyReason = (): string | undefined => {
    if (scope.stopping.aborted) return "stopping";
    const isFresh = completedAt !== undefined && performance.now() - completedAt < maxMissed * intervalMs;
    return isFresh ? undefined : failure;
  };
  const { adminPort: port, host } = settings;
  const admin = await startAdminServer({ port, host, metrics, notReadyReason });
  scope.onStop("admin server", admin.close);

  const report = createConditionReport({ source: wanted.source, metrics: watchMetrics, record, log });
  const checkEndpoint = createEndpointCheck({
    wanted,
    adopt: settings.adopt,
    openStripe: () => settings.openStripe(scope.stopping),
    secrets,
    stopping: scope.stopping,
    now: () => performance.now(),
    report,
    metrics: watchMetrics,
    log,
  });
  const check = async (): Promise<void> => {
    await checkEndpoint();
    completedAt = performance.now();
  };
  const onFailure = (error: unknown): void => {
    failure = error instanceof Error ? error.message : String(error);
    log.error({ source: wanted.source, reason: failure }, "endpoint_not_checked");
  };
  const repeating = repeatCheck(check, { intervalMs, onFailure, stopping: scope.stopping });
  repeating.catch((error: unknown) => scope.fail("watch_failed", error));
  scope.onStop("check in progress", () => repeating);
  log.info({ admin_port: admin.port, source: wanted.source, url: wanted.url }, "watching");
  return log;
}
