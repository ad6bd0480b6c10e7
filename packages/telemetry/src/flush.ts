import { ProxyTracerProvider, trace } from "@opentelemetry/api";

/**
 * Sends what is left of the spans and ends tracing. The last thing a service does: the SDK must outlive the work
 * that a stopping service still finishes. Does nothing where no SDK was preloaded.
 */
export async function endTracing(): Promise<void> {
  const provider = trace.getTracerProvider();
  const real: object = provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider;
  if ("shutdown" in real && typeof real.shutdown === "function") await real.shutdown();
}
