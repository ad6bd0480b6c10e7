import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, probeFailure, type RunningProcess, startProcess } from "@takings/local";
import { testVariable } from "@takings/testkit";
import { stringify } from "yaml";
import { acceleratedRules } from "./accelerated-rules.ts";
import { installation } from "./installation.ts";

/** A real OpenTelemetry Collector that exports spans to a real Jaeger, and a real Prometheus. */
export type Backends = AsyncDisposable & {
  /** The environment with which a service exports all of its spans. */
  readonly env: Readonly<Record<string, string>>;
  readonly prometheusUrl: string;
  readonly jaegerUrl: string;
};

/** Starts them on free ports of the loopback address. `targets` are the services' pages: `job` and host with port. */
export async function startBackends(targets: Readonly<Record<string, string>>): Promise<Backends> {
  const dir = mkdtempSync(join(tmpdir(), "takings-backends-"));
  const [web = 0, otlpIn = 0, health = 0, toJaeger = 0, query = 0, ...spare] = await freePorts(10);
  const running: RunningProcess[] = [];
  const start = async (name: string, args: readonly string[], ready: string): Promise<void> => {
    running.push(await startProgram(name, args, ready, dir));
  };
  write(dir, "collector.yaml", collector(otlpIn, health, toJaeger));
  write(dir, "prometheus.yaml", prometheus(targets));
  write(dir, "rules.yaml", acceleratedRules());
  await start("JAEGER", jaegerFlags(query, toJaeger, spare), `http://127.0.0.1:${query}/`);
  await Promise.all([
    start("OTELCOL", ["--config", "collector.yaml"], `http://127.0.0.1:${health}/`),
    start("PROMETHEUS", prometheusFlags(web), `http://127.0.0.1:${web}/-/ready`),
  ]);
  return {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlpIn}`,
      OTEL_BSP_SCHEDULE_DELAY: "200",
    },
    prometheusUrl: `http://127.0.0.1:${web}`,
    jaegerUrl: `http://127.0.0.1:${query}`,
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((process) => process.end()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

// It stays in the group of the test process, which the test run ends as a whole.
function startProgram(
  name: string,
  args: readonly string[],
  ready: string,
  dir: string,
): Promise<RunningProcess> {
  const command = { command: testVariable(name), args, cwd: dir, env: process.env };
  return startProcess(
    {
      name,
      logFile: join(dir, `${name}.log`),
      signal: "SIGTERM",
      graceMs: 10_000,
      command: () => command,
      ready: { withinMs: 30_000, missing: () => probeFailure(ready) },
    },
    { sharesGroup: true },
  );
}

function write(dir: string, name: string, content: object): void {
  writeFileSync(join(dir, name), stringify(content));
}

function collector(otlpIn: number, health: number, toJaeger: number): object {
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpIn}` } } } },
    processors: { batch: { timeout: "200ms" } },
    exporters: { otlp: { endpoint: `127.0.0.1:${toJaeger}`, tls: { insecure: true } } },
    extensions: {
      healthcheckv2: {
        use_v2: true,
        http: { endpoint: `127.0.0.1:${health}`, status: { enabled: true, path: "/" } },
      },
    },
    service: {
      extensions: ["healthcheckv2"],
      telemetry: { metrics: { level: "none" } },
      pipelines: { traces: { receivers: ["otlp"], processors: ["batch"], exporters: ["otlp"] } },
    },
  };
}

function prometheus(targets: Readonly<Record<string, string>>): object {
  return {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: ["rules.yaml"],
    scrape_configs: Object.entries(targets).map(([job, target]) => ({
      job_name: job,
      static_configs: [{ targets: [target], labels: { namespace: installation.namespace } }],
    })),
  };
}

function prometheusFlags(port: number): string[] {
  return [
    "--config.file=prometheus.yaml",
    "--storage.tsdb.path=prometheus",
    "--enable-feature=exemplar-storage",
    `--web.listen-address=127.0.0.1:${port}`,
  ];
}

function jaegerFlags(query: number, otlpIn: number, spare: readonly number[]): string[] {
  const others = [
    "collector.otlp.http",
    "collector.grpc-server",
    "collector.http-server",
    "query.grpc-server",
    "admin.http",
  ];
  return [
    `--query.http-server.host-port=127.0.0.1:${query}`,
    `--collector.otlp.grpc.host-port=127.0.0.1:${otlpIn}`,
    ...others.map((name, index) => `--${name}.host-port=127.0.0.1:${spare[index]}`),
  ];
}
