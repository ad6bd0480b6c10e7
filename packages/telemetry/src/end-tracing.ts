import { ProxyTracerProvider, trace } from "@opentelemetry/api";

/** A collector that is away must not hold up the end of a service: what is lost then are spans, never events. */
const flushTimeoutMs = 3_000;

/**
 * Sends what is left of the spans and ends tracing. The last thing a service does: the SDK must outlive the work
 * that a stopping service still finishes. Does nothing where no SDK was preloaded.
 */
export async function endTracing(): Promise<void> {
  const provider = trace.getTracerProvider();
  const real: object = provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider;
  if (!("shutdown" in real) || typeof real.shutdown !== "function") return;
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, flushTimeoutMs);
  await Promise.race([real.shutdown(), late.promise]);
  clearTimeout(timer);
}
