// Preloaded before a service: node --import ./packages/telemetry/src/register.ts services/…/src/main.ts
// It must import nothing that imports express or pg: modules loaded before the hooks are not instrumented.
import { createRequire } from "node:module";
import { register } from "import-in-the-middle/register-hooks.mjs";
import { requireLazily } from "./lazy-modules.ts";
import { installSamplingGate, createSamplingGate } from "./sampling-gate.ts";
import { sampledTraceId } from "./sampled-trace.ts";
import { samplerFrom } from "./sampler.ts";

const env = process.env;

/** The instrumented modules; all others are left unchanged. */
const instrumented = ["http", "node:http", "express", "pg", "pg-pool"];

function hasExporter(): boolean {
  const endpoints = [env["OTEL_EXPORTER_OTLP_ENDPOINT"], env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]];
  return endpoints.some((endpoint) => endpoint !== undefined && endpoint !== "");
}

/** Exports no spans. With it the SDK still assigns ids, which are in the logs then. */
const noopProcessor = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };

if (env["OTEL_SDK_DISABLED"] !== "true") {
  register({ include: instrumented });
  if (!hasExporter()) {
    // Some are sampled all the same, so that metrics have exemplars.
    env["OTEL_TRACES_SAMPLER"] ??= "parentbased_traceidratio";
    env["OTEL_TRACES_SAMPLER_ARG"] ??= "0.1";
  }
  // Metrics are exported by prom-client and logs by pino.
  env["OTEL_METRICS_EXPORTER"] ??= "none";
  env["OTEL_LOGS_EXPORTER"] ??= "none";
  env["OTEL_NODE_ENABLED_INSTRUMENTATIONS"] ??= "http,express,pg";
  // Contexts of clients are not trusted, and Stripe sends none; between the services spans.ts passes them in message
  // headers.
  env["OTEL_PROPAGATORS"] ??= "none";
  const sampler = samplerFrom(env);
  const gate = createSamplingGate(sampler);
  const { NodeSDK, getNodeAutoInstrumentations } = requireLazily((require) => ({
    ...(require("@opentelemetry/sdk-node") as typeof import("@opentelemetry/sdk-node")),
    ...(require("@opentelemetry/auto-instrumentations-node") as typeof import("@opentelemetry/auto-instrumentations-node")),
  }));
  const sdk = new NodeSDK({
    instrumentations: [
      getNodeAutoInstrumentations({
        // Otherwise each layer of a request that is not traced would start a span.
        "@opentelemetry/instrumentation-express": { ignoreLayers: [() => sampledTraceId() === undefined] },
      }),
    ],
    sampler,
    idGenerator: gate.ids,
    ...(!hasExporter() && { spanProcessors: [noopProcessor] }),
  });
  sdk.start();
  // Loading the module now instruments it. No requests are sent, whose instrumentation may use other exports.
  const { Server } = createRequire(import.meta.url)("node:http") as typeof import("node:http");
  installSamplingGate(gate, Server);
}
