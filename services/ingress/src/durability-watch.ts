import type { DurabilityFault, StreamInspection } from "@takings/nats";
import type { Logger } from "@takings/runtime";
import type { IngressMetrics } from "./metrics.ts";
import { createPeriodicCheck } from "./periodic-check.ts";

/** Keeps an eye on whether a confirmation of the stream is worth a 2xx. */
export type DurabilityWatch = {
  /** Why it is not, or `undefined` while it is. What nobody has looked at, or not lately, is a reason. */
  readonly fault: () => string | undefined;
  /** The connection is up: checks now, and then at intervals. What was true of an earlier server is worth nothing. */
  connected(): void;
  /** The connection is down, or nobody needs an answer any more. */
  stop(): void;
};

/** How to check; both throw when they cannot tell. */
type DurabilityChecks = {
  readonly stream: () => Promise<StreamInspection>;
  readonly servers: () => Promise<readonly DurabilityFault[]>;
};

export type WatchDependencies = {
  /** `undefined` where only the connection counts. */
  readonly checks: DurabilityChecks | undefined;
  /** Told when another stream has taken the place of the one that was seen before. */
  readonly onStreamChanged: () => void;
  /** Told after each check with which sequence the stream begins. */
  readonly onStreamBegins: (sequence: number) => void;
  readonly metrics: IngressMetrics;
  readonly log: Logger;
};

/** Anybody with the right can change the stream at any moment, so that is how long a wrong 2xx is possible. */
const streamEveryMs = 1_000;
/** Two checks may fail or be late before the last one counts for nothing. */
const streamFreshMs = 3_000;
/** Servers change what matters only by a restart, which ends the connection. */
const serversEveryMs = 10_000;
const serversAgainMs = 2_000;
const noConnection = "no connection to NATS";
const unchecked = "the stream's durability has not been checked yet";

export function watchDurability(dependencies: WatchDependencies): DurabilityWatch {
  const { checks, metrics } = dependencies;
  if (checks === undefined) return watchConnection();
  let isConnected = false;
  let created: string | undefined;
  const report = reporting(dependencies);
  const onChange = (): void => {
    const inspection = streams.seen()?.value;
    if (inspection !== undefined && inspection.created !== created) {
      if (created !== undefined) dependencies.onStreamChanged();
      ({ created } = inspection);
    }
    if (inspection !== undefined) dependencies.onStreamBegins(inspection.begins);
    report(faults(), streams.failure() ?? servers.failure());
  };
  const streams = createPeriodicCheck({ check: checks.stream, everyMs: () => streamEveryMs, onChange });
  const servers = createPeriodicCheck({
    check: checks.servers,
    everyMs: (seen) => (seen?.value.length === 0 ? serversEveryMs : serversAgainMs),
    onChange,
  });
  /** Everything that is wrong, or `undefined` while not everything was looked at. */
  const faults = (): readonly DurabilityFault[] | undefined => {
    const [inspection, ofServers] = [streams.seen()?.value, servers.seen()?.value];
    const known = [...(inspection?.faults ?? []), ...(ofServers ?? [])];
    return known.length > 0 || (inspection !== undefined && ofServers !== undefined) ? known : undefined;
  };
  metrics.durability(false, []);
  return {
    fault() {
      if (!isConnected) return noConnection;
      const known = faults();
      if (known === undefined) return because(unchecked, streams.failure() ?? servers.failure());
      if (known.length > 0) return known.map(({ message }) => message).join("; ");
      const age = performance.now() - (streams.seen()?.began ?? 0);
      if (age <= streamFreshMs) return undefined;
      return because(`the stream was last seen ${Math.round(age / 1_000)} s ago`, streams.failure());
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

/** Sets the metrics each time, and writes a line where something has changed. */
function reporting({
  metrics,
  log,
}: WatchDependencies): (faults: readonly DurabilityFault[] | undefined, failure: string | undefined) => void {
  let lastFaults = unchecked;
  let lastFailure: string | undefined;
  return (faults, failure) => {
    // Not being able to check changes no verdict on what was seen.
    if (failure !== undefined && failure !== lastFailure) log.warn({ reason: failure }, "durability_unknown");
    lastFailure = failure;
    if (faults === undefined) return;
    metrics.durability(
      faults.length === 0,
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

function because(what: string, why: string | undefined): string {
  return why === undefined ? what : `${what}: ${why}`;
}
