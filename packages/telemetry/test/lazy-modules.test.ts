import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { nodeCommand } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";

/** Says which packages have been loaded when tracing is set up. */
const program = `
  import { createRequire } from "node:module";
  const { cache } = createRequire(${JSON.stringify(import.meta.url)});
  const files = Object.keys(cache).filter((name) => name.startsWith("/"));
  const packages = files.map((file) => file.replace(/^.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/.*$/, "$1"));
  console.log(JSON.stringify([...new Set(packages)]));
  process.exit();
`;

async function loadedWith(env: Readonly<Record<string, string>>): Promise<string[]> {
  const preloaded = ["--import", import.meta.resolve("../src/register.ts")];
  const { command, args, ...options } = nodeCommand(
    [...preloaded, "--input-type=module", "--eval", program],
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", ...env },
  );
  const { stdout } = await promisify(execFile)(command, args, options);
  return JSON.parse(stdout) as string[];
}

describe("of OpenTelemetry", function () {
  this.timeout(20_000);

  it("only the instrumentations and the exporter that are used are loaded", async () => {
    const loaded = await loadedWith({});
    const configurable = loaded.filter((name) => /\/(?:exporter|instrumentation)-/.test(name));
    expect(configurable.toSorted()).to.deep.equal([
      "@opentelemetry/exporter-trace-otlp-proto",
      "@opentelemetry/instrumentation-express",
      "@opentelemetry/instrumentation-http",
      "@opentelemetry/instrumentation-pg",
    ]);
  });

  it("others are loaded when variables select them", async () => {
    const loaded = await loadedWith({
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_PROPAGATORS: "b3",
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: "http,redis",
    });
    expect(loaded).to.include.members([
      "@grpc/grpc-js",
      "@opentelemetry/exporter-trace-otlp-grpc",
      "@opentelemetry/propagator-b3",
      "@opentelemetry/instrumentation-redis",
    ]);
    expect(loaded).not.to.include("@opentelemetry/instrumentation-pg");
  });
});
