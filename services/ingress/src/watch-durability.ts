import type { DurabilityFault, StreamInspection } from "@takings/nats";
import { createPeriodicCheck, type Logger, type PeriodicCheck } from "@takings/runtime";
import type { IngressMetrics } from "./metrics.ts";

/** Watches whether a confirmation of the stream justifies a 2xx. */
export type DurabilityWatch = {
  /** Why it does not, or `undefined` while it does. A missing or outdated result is a reason too. */
  readonly fault: () => string | undefined;
  /** The connection is up: checks now and then at intervals. Earlier results may be of another server. */
  connected(): void;
  /** The connection is down, or the service is stopping. */
  stop(): void;
};

/** How to check; both throw when the state is unknown. */
type DurabilityChecks = {
  readonly stream: () => Promise<StreamInspection>;
  readonly servers: () => Promise<readonly DurabilityFault[]>;
};

/** What {@link watchDurability} depends on. */
export type WatchDependencies = {
  /** `undefined` where only the connection counts. */
  readonly checks: DurabilityChecks | undefined;
  /** Called when another stream has replaced the one seen before. */
  readonly onStreamChanged: () => void;
  /** Called after each check with the first sequence of the stream. */
  readonly onFirstSequence: (sequence: number) => void;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
  /** How long a result of the check of the servers is valid; a minute by default. */
  readonly serversFreshMs?: number;
};

/** Anyone with the permission can change the stream at any time; this bounds how long a wrong 2xx is possible. */
const streamIntervalMs = 1_000;
/** Two checks may fail or be late before the last result expires. */
const streamFreshMs = 3_000;
/** A server changes what matters only by a restart; this bounds how long a restarted follower goes unnoticed. */
const serversIntervalMs = 1_000;
/** As long as the check itself relies on a server that stops responding. */
const defaultServersFreshMs = 60_000;
/** A check that hangs must not delay the next ones until the last result has expired. */
const maxRunning = 4;
const noConnection = "no connection to NATS";
const unchecked = "the stream's durability has not been checked yet";

/** Creates the watch. It checks nothing until the connection is up. */
export function watchDurability(dependencies: WatchDependencies): DurabilityWatch {
  const { checks, metrics, serversFreshMs = defaultServersFreshMs } = dependencies;
  if (checks === undefined) return watchConnection();
  let isConnected = false;
  let created: string | undefined;
  const reporter = createReporter(dependencies);
  const report = (): void => reporter(faults(), streams.failure() ?? servers.failure(), overdueCheck());
  const streams = createPeriodicCheck({
    check: checks.stream,
    intervalMs: streamIntervalMs,
    maxRunning,
    onSuccess(inspection) {
      if (created !== undefined && inspection.created !== created) dependencies.onStreamChanged();
      ({ created } = inspection);
      dependencies.onFirstSequence(inspection.firstSequence);
      report();
    },
    onFailure: report,
  });
  const servers = createPeriodicCheck({
    check: checks.servers,
    intervalMs: serversIntervalMs,
    maxRunning,
    onSuccess: report,
    onFailure: report,
  });
  /** Every known fault, or `undefined` while there is none and a result is missing. */
  const faults = (): readonly DurabilityFault[] | undefined => {
    const [inspection, ofServers] = [streams.last()?.value, servers.last()?.value];
    const known = [...(inspection?.faults ?? []), ...(ofServers ?? [])];
    return known.length > 0 || (inspection !== undefined && ofServers !== undefined) ? known : undefined;
  };
  const overdueCheck = (): string | undefined =>
    overdue("the stream was", streams, streamFreshMs) ?? overdue("the servers were", servers, serversFreshMs);
  metrics.durability(false, []);
  return {
    fault() {
      if (!isConnected) return noConnection;
      const known = faults();
      if (known === undefined) return withReason(unchecked, streams.failure() ?? servers.failure());
      if (known.length > 0) return known.map(({ message }) => message).join("; ");
      return overdueCheck();
    },
    connected() {
      isConnected = true;
      streams.start();
      servers.start();
    },
    stop() {
      isConnected = false;
      streams.stop();
      servers.stop();
    },
  };
}

function watchConnection(): DurabilityWatch {
  let isConnected = false;
  return {
    fault: () => (isConnected ? undefined : noConnection),
    connected: () => void (isConnected = true),
    stop: () => void (isConnected = false),
  };
}

type Reporter = (
  faults: readonly DurabilityFault[] | undefined,
  failure: string | undefined,
  overdue: string | undefined,
) => void;

/** Sets the metrics at each call, and logs changes only. */
function createReporter({ metrics, log }: WatchDependencies): Reporter {
  let lastFaults = unchecked;
  let lastFailure: string | undefined;
  return (faults, failure, late) => {
    // A check that fails says nothing about the faults that earlier ones found.
    if (failure !== undefined && failure !== lastFailure) log.warn({ reason: failure }, "durability_unknown");
    lastFailure = failure;
    if (faults === undefined) return;
    metrics.durability(
      faults.length === 0 && late === undefined,
      faults.map(({ check }) => check),
    );
    const messages = faults.map(({ message }) => message);
    const text = messages.join("; ");
    if (text === lastFaults) return;
    lastFaults = text;
    if (messages.length > 0) log.error({ faults: messages }, "durability_broken");
    else log.info("durability_verified");
  };
}

/** Says that the last successful check is too old. */
function overdue(what: string, check: PeriodicCheck<unknown>, freshMs: number): string | undefined {
  const ageMs = performance.now() - (check.last()?.began ?? 0);
  if (ageMs <= freshMs) return undefined;
  return withReason(`${what} last checked ${Math.round(ageMs / 1_000)} s ago`, check.failure());
}

function withReason(what: string, reason: string | undefined): string {
  return reason === undefined ? what : `${what}: ${reason}`;
}
