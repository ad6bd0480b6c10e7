import { type ProxyTracerProvider, trace } from "@opentelemetry/api";

/** A collector that is away must not delay the shutdown of a service: then spans are lost, never events. */
const flushTimeoutMs = 3_000;

/**
 * Exports the remaining spans and ends tracing. The last step of a service's shutdown, because the work that it still
 * finishes is traced too. Does nothing when no SDK was preloaded.
 */
export async function endTracing(): Promise<void> {
  // Not by instanceof: the SDK, which is loaded as CommonJS, has its own copy of the API's classes.
  const provider: Partial<ProxyTracerProvider> & object = trace.getTracerProvider();
  const real: object = provider.getDelegate?.() ?? provider;
  if (!("shutdown" in real) || typeof real.shutdown !== "function") return;
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, flushTimeoutMs);
  await Promise.race([real.shutdown(), late.promise]);
  clearTimeout(timer);
}
