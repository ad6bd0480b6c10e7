import { undocumented, valueAt } from "../src/documented-fields.ts";
import { tempoFields, writtenBy } from "./tempo-fields.ts";

/** Why Tempo would not start, or would not do its work, with this parsed configuration; empty when it would. */
export function tempoProblems(config: unknown): string[] {
  const processors = valueAt(config, "overrides.defaults.metrics_generator.processors");
  const generates = Array.isArray(processors) && processors.length > 0;
  const known = ["service-graphs", "span-metrics", "host-info"];
  return [
    ...undocumented(config, tempoFields),
    ...missing(config, ["distributor.receivers.otlp.protocols.grpc.endpoint", "storage.trace.local.path"]),
    ...(valueAt(config, "storage.trace.backend") === "local" ? [] : ["storage.trace.backend must be local"]),
    // Tempo only warns that its metrics generator is not configured.
    ...(generates ? missing(config, ["metrics_generator.storage.path"]) : []),
    ...(generates && remoteWriteUrls(config).length === 0
      ? ["no remote_write takes the generated metrics"]
      : []),
    ...(generates ? processors : [])
      .filter((name) => !known.includes(name))
      .map((name) => `${name} is not a processor of the metrics generator`),
  ];
}

/** The folders that Tempo writes with this configuration. */
export function writtenPaths(config: unknown): string[] {
  return Object.entries(writtenBy)
    .map(([field, byDefault]) => valueAt(config, field) ?? byDefault)
    .filter((path) => typeof path === "string");
}

/** Where the metrics generator sends its metrics. */
export function remoteWriteUrls(config: unknown): string[] {
  const targets = valueAt(config, "metrics_generator.storage.remote_write");
  return (Array.isArray(targets) ? targets : [])
    .map((target) => valueAt(target, "url"))
    .filter((url) => typeof url === "string");
}

function missing(config: unknown, fields: readonly string[]): string[] {
  return fields
    .filter((field) => typeof valueAt(config, field) !== "string")
    .map((field) => `${field} is missing`);
}
