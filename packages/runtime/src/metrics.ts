import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
// All packages have the product's version; this one is in the image with the code.
import manifest from "../package.json" with { type: "json" };

export type MetricsFormat = "prometheus" | "openmetrics";

/** The metrics of a process, in both text formats. */
export type Metrics = {
  readonly registry: Registry;
  /** The exposition text and its content type. */
  render(format: MetricsFormat): Promise<{ readonly contentType: string; readonly body: string }>;
};

/** Creates the registry of a process, with Node's own metrics (event loop, heap, garbage collection) in it. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  // The setter is typed for one content type only, but accepts both.
  const writeAs = (contentType: string): void =>
    registry.setContentType(contentType as typeof registry.contentType);
  // Metrics with exemplars can be created only while the registry writes OpenMetrics.
  writeAs(Registry.OPENMETRICS_CONTENT_TYPE);
  collectDefaultMetrics({ register: registry });
  let lastRendering: Promise<unknown> = Promise.resolve();

  const renderNow = async (format: MetricsFormat): Promise<{ contentType: string; body: string }> => {
    const contentType =
      format === "openmetrics" ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE;
    // prom-client removes `_total` from a counter's name when it writes OpenMetrics and never restores it, so the next
    // Prometheus scrape would lack it. Names are restored, and renderings run one after another.
    const named = registry.getMetricsAsArray().map((metric) => ({ metric, name: metric.name }));
    try {
      writeAs(contentType);
      return { contentType, body: await registry.metrics() };
    } finally {
      for (const { metric, name } of named) metric.name = name;
      writeAs(Registry.OPENMETRICS_CONTENT_TYPE);
    }
  };

  return {
    registry,
    render(format) {
      const rendering = lastRendering.then(() => renderNow(format));
      lastRendering = rendering.catch(() => undefined);
      return rendering;
    },
  };
}

/**
 * Registers `takings_build_info{service,version} 1`: which service a process is and of which version of Takings, whatever
 * the target is called where it is scraped.
 */
export function registerBuildInfo({ registry }: Metrics, service: string): void {
  const info = new Gauge({
    name: "takings_build_info",
    help: "Always 1; labels name the service and its version",
    labelNames: ["service", "version"],
    registers: [registry],
  });
  info.set({ service, version: manifest.version }, 1);
}
