import { Gauge } from "prom-client";
import type { Metrics } from "./metrics.ts";
import type { FileListener } from "./secret-list.ts";

/** Registers `takings_secrets_file_refused{source}`: 1 while a changed file is rejected and the previous secrets stay in use. */
export function registerSecretFileMetric({ registry }: Metrics, source: string): FileListener {
  const refused = new Gauge({
    name: "takings_secrets_file_refused",
    help: "1 while a changed secrets file is rejected and the previous secrets stay in use",
    labelNames: ["source"],
    registers: [registry],
  });
  return (isUsable) => refused.set({ source }, isUsable ? 0 : 1);
}
