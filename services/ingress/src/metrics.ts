import { type DurabilityCheck, durabilityChecks } from "@takings/nats";
import type { Metrics } from "@takings/runtime";
import { Counter, Gauge, Histogram } from "prom-client";

const outcomes = [
  "stored",
  "duplicate",
  "bad_signature",
  "bad_timestamp",
  "not_an_event",
  "bad_request",
  "too_large",
  "compressed",
  "forbidden_address",
  "overloaded",
  "unavailable",
  "failed",
] as const;

/** The outcome of a webhook request to a source. Only `stored` and `duplicate` got 200. */
export type Outcome = (typeof outcomes)[number];

/** A webhook request that has ended. */
type RespondedRequest = {
  readonly source: string;
  readonly outcome: Outcome;
  readonly seconds: number;
  readonly traceId: string | undefined;
};

/** What ingress counts and measures. */
export type IngressMetrics = {
  /** A source has come into use; its series show 0 until its first request. */
  sourceServed(source: string): void;
  /** Counts a request, with the seconds from its headers to its response. */
  responded(request: RespondedRequest): void;
  /** Counts a request to the path of a source that does not exist. */
  sourceUnknown(): void;
  /** An event was stored again because its first copy is not verified as durable. */
  storedAgain(source: string): void;
  /** A secret is in use; its series shows 0 until it first verifies an event. */
  secretLive(source: string, fingerprint: string): void;
  /** A secret of a source verified an event; the signature's time differs from this process's clock by `skewSeconds`. */
  verified(source: string, fingerprint: string, skewSeconds: number): void;
  /** Whether the file of allowed addresses is in use as it is, or an earlier version of it. */
  addressesFile(isUsable: boolean): void;
  /** A genuine signature was refused because its time differs from this process's clock by `skewSeconds`. */
  outdated(source: string, skewSeconds: number): void;
  /** Whether what the stream confirms is durable, and which checks failed. */
  durability(holds: boolean, failed: readonly DurabilityCheck[]): void;
};

/** Fine around the duration of a synced publish; 1 s, the service level, is a boundary. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** A signature is made when it is sent; beyond 300 s it is refused, so alerts count up to there what verified. */
const skewBuckets = [1, 2, 5, 10, 30, 60, 120, 300];

/** Anyone can make up names, so those of unknown sources are no labels. */
const unknownSource = { outcome: "unknown_source", source: "unknown" };

/** Registers the metrics of ingress. */
export function createIngressMetrics({ registry }: Metrics): IngressMetrics {
  const requests = new Counter({
    name: "takings_webhook_requests_total",
    help: "Webhook requests, by outcome and source",
    labelNames: ["outcome", "source"],
    registers: [registry],
  });
  const duration = new Histogram({
    name: "takings_webhook_duration_seconds",
    help: "Time from a webhook request's headers to its response",
    buckets: durationBuckets,
    enableExemplars: true,
    registers: [registry],
  });
  const duplicates = new Counter({
    name: "takings_events_duplicate_total",
    help: "Redelivered events that the stream already held",
    labelNames: ["source"],
    registers: [registry],
  });
  const storedAgain = new Counter({
    name: "takings_events_stored_again_total",
    help: "Duplicates stored again because their first copy could not be verified as durable",
    labelNames: ["source"],
    registers: [registry],
  });
  const secretLastUsed = new Gauge({
    name: "takings_signature_secret_last_used_timestamp_seconds",
    help: "When a signing secret, named by its fingerprint, last verified an event",
    labelNames: ["source", "secret"],
    registers: [registry],
  });
  const skew = new Histogram({
    name: "takings_signature_skew_seconds",
    help: "Difference between the time in a genuine signature and this process's clock; refused above 300",
    labelNames: ["source"],
    buckets: skewBuckets,
    registers: [registry],
  });
  const addressesRefused = new Gauge({
    name: "takings_allowed_addresses_file_refused",
    help: "1 while a changed file of allowed addresses is rejected and the previous list stays in use",
    registers: [registry],
  });
  const durable = new Gauge({
    name: "takings_durability_ok",
    help: "1 while what stream and server confirm is durable, 0 while it might not be",
    registers: [registry],
  });
  const faults = new Gauge({
    name: "takings_durability_fault",
    help: "1 for each check of the stream and the server that fails",
    labelNames: ["check"],
    registers: [registry],
  });
  requests.inc(unknownSource, 0);
  return {
    sourceServed(source) {
      // A series that starts with its first event has no rate for it, and an alert would miss it.
      for (const outcome of outcomes) requests.inc({ outcome, source }, 0);
      duplicates.inc({ source }, 0);
      storedAgain.inc({ source }, 0);
      skew.zero({ source });
    },
    sourceUnknown: () => requests.inc(unknownSource),
    responded({ source, outcome, seconds, traceId }) {
      requests.inc({ outcome, source });
      if (outcome === "duplicate") duplicates.inc({ source });
      duration.observe({
        value: seconds,
        labels: {},
        ...(traceId !== undefined && { exemplarLabels: { trace_id: traceId } }),
      });
    },
    storedAgain: (source) => storedAgain.inc({ source }),
    secretLive: (source, secret) => secretLastUsed.inc({ source, secret }, 0),
    verified(source, secret, skewSeconds) {
      secretLastUsed.set({ source, secret }, Date.now() / 1_000);
      skew.observe({ source }, skewSeconds);
    },
    addressesFile: (isUsable) => addressesRefused.set(isUsable ? 0 : 1),
    outdated: (source, skewSeconds) => skew.observe({ source }, skewSeconds),
    durability(holds, failed) {
      durable.set(holds ? 1 : 0);
      for (const check of durabilityChecks) faults.set({ check }, failed.includes(check) ? 1 : 0);
    },
  };
}
