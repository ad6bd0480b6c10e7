// Preloaded before a service: node --import ./packages/telemetry/src/register.ts services/…/src/main.ts
// It must import nothing that imports express or pg, because what is loaded before the hooks is not instrumented.
import { createRequire } from "node:module";
import { getNodeAutoInstrumentations } from "@opentelemetry/auto-instrumentations-node";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { register } from "import-in-the-middle/register-hooks.mjs";
import { installSamplingGate, createSamplingGate } from "./sampling-gate.ts";
import { sampledTraceId } from "./sampled-trace.ts";
import { samplerFrom } from "./sampler.ts";

const env = process.env;

/** Ours to instrument. Everything else stays untouched, our own modules above all. */
const instrumented = ["http", "node:http", "express", "pg", "pg-pool"];

function hasExporter(): boolean {
  const endpoints = [env["OTEL_EXPORTER_OTLP_ENDPOINT"], env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]];
  return endpoints.some((endpoint) => endpoint !== undefined && endpoint !== "");
}

/** Takes spans nowhere. Its presence makes the SDK give every span an id, which the logs then carry. */
const noopProcessor = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };

if (env["OTEL_SDK_DISABLED"] !== "true") {
  register({ include: instrumented });
  if (!hasExporter()) {
    // Some are sampled all the same, so that the metrics have exemplars to show.
    env["OTEL_TRACES_SAMPLER"] ??= "parentbased_traceidratio";
    env["OTEL_TRACES_SAMPLER_ARG"] ??= "0.1";
  }
  // Metrics are prom-client's and logs are pino's: one way out for each.
  env["OTEL_METRICS_EXPORTER"] ??= "none";
  env["OTEL_LOGS_EXPORTER"] ??= "none";
  env["OTEL_NODE_ENABLED_INSTRUMENTATIONS"] ??= "http,express,pg";
  // Contexts from outside are not ours to trust and Stripe sends none; between our services they travel in the
  // headers of the messages, by hand.
  env["OTEL_PROPAGATORS"] ??= "none";
  const sampler = samplerFrom(env);
  const gate = createSamplingGate(sampler);
  const sdk = new NodeSDK({
    instrumentations: [
      getNodeAutoInstrumentations({
        // Otherwise each step of a request that is not traced would begin a span.
        "@opentelemetry/instrumentation-express": { ignoreLayers: [() => sampledTraceId() === undefined] },
      }),
    ],
    sampler,
    idGenerator: gate.ids,
    ...(!hasExporter() && { spanProcessors: [noopProcessor] }),
  });
  sdk.start();
  // Instrumented as it is loaded, which is now; we send no requests, whose instrumentation may look for other exports.
  const { Server } = createRequire(import.meta.url)("node:http") as typeof import("node:http");
  installSamplingGate(gate, Server);
}
