import { Gauge } from "prom-client";
import type { Metrics } from "./metrics.ts";
import type { FileListener } from "./secret-list.ts";

/**
 * Registers `takings_secrets_file_refused{setting}`: 1 while a changed file is rejected and its previous content stays in
 * use. Returns the listener of the file of a setting.
 */
export function registerSecretFileMetric({ registry }: Metrics): (setting: string) => FileListener {
  const refused = new Gauge({
    name: "takings_secrets_file_refused",
    help: "1 while a changed file of secrets or sources is rejected and its previous content stays in use",
    labelNames: ["setting"],
    registers: [registry],
  });
  return (setting) => (isUsable) => refused.set({ setting }, isUsable ? 0 : 1);
}
