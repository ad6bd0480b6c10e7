import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parse } from "yaml";
import { pathProblems } from "../src/writable-paths.ts";
import { requestProblem, untilSound } from "../src/until-sound.ts";
import { type JaegerTrace, matches, parseTraceQl, searchResult, traceById } from "./tempo-api.ts";
import { remoteWriteUrls, tempoProblems, writtenPaths } from "./tempo-config.ts";

// Stands in for Tempo 3 under the pod specification of charts/takings-stack. It takes OTLP on 4317, answers /ready and
// searches on 3200 from a Jaeger inside, and is ready only when the real Tempo would run in this pod.

const jaegerUrl = "http://127.0.0.1:16686";
const [flag = "", ...otherFlags] = process.argv.slice(2);
const [, file] = /^-config\.file=(.+)$/.exec(flag) ?? [];
if (file === undefined || otherFlags.length > 0)
  throw new Error(`The arguments must be -config.file=PATH, not ${process.argv.slice(2).join(" ")}`);
const config: unknown = parse(readFileSync(file, "utf8"));
let isReady = false;

const jaeger = spawn(
  "/jaeger",
  [
    "--collector.otlp.grpc.host-port=:4317",
    "--query.http-server.host-port=127.0.0.1:16686",
    "--log-level=warn",
  ],
  { stdio: "inherit", env: { COLLECTOR_OTLP_ENABLED: "true" } },
);
jaeger.on("exit", (code) => process.exit(code ?? 1));
process.on("SIGTERM", () => jaeger.kill("SIGTERM"));

/** The traces that Jaeger returns. @throws on any other answer. */
async function traces(path: string): Promise<readonly JaegerTrace[]> {
  const response = await fetch(`${jaegerUrl}${path}`);
  if (response.status === 404) return [];
  const { data }: { data: readonly JaegerTrace[] | null } = JSON.parse(await response.text());
  return data ?? [];
}

type Answer = { readonly status: number; readonly body: string | object };

async function search(parameters: URLSearchParams): Promise<Answer> {
  const conditions = parseTraceQl(parameters.get("q") ?? "");
  const service = conditions?.find(({ scope, key }) => scope === "resource" && key === "service.name")?.value;
  if (conditions === undefined || service === undefined)
    return { status: 400, body: 'the stand-in only searches { resource.service.name = "…" && … }' };
  const found = await traces(`/api/traces?service=${service}&limit=1000`);
  const limit = Number(parameters.get("limit") ?? 20);
  const matching = found.filter((trace) => matches(trace, conditions)).slice(0, limit);
  return { status: 200, body: { traces: matching.map(searchResult), metrics: {} } };
}

async function answer({ pathname, searchParams }: URL): Promise<Answer> {
  if (pathname === "/ready")
    return isReady ? { status: 200, body: "ready" } : { status: 503, body: "not ready" };
  if (pathname === "/api/echo") return { status: 200, body: "echo" };
  if (pathname === "/api/search") return search(searchParams);
  const [, id] = /^\/api\/traces\/([0-9a-f]+)$/.exec(pathname) ?? [];
  const [trace] = id === undefined ? [] : await traces(`/api/traces/${id}`);
  return trace === undefined ? { status: 404, body: "not found" } : { status: 200, body: traceById(trace) };
}

createServer((request, response) => {
  answer(new URL(request.url ?? "/", "http://tempo")).then(
    ({ status, body }) =>
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
}).listen(3200);

/** Remote write 1.0 without samples: an empty protobuf message, which is one zero byte in snappy's block format. */
const emptyWrite = {
  method: "POST",
  headers: {
    "content-encoding": "snappy",
    "content-type": "application/x-protobuf",
    "x-prometheus-remote-write-version": "0.1.0",
  },
  body: new Uint8Array([0]),
};

await untilSound([
  { title: "the fields of the configuration", problems: () => tempoProblems(config) },
  {
    title: `that only ${writtenPaths(config).join(", ")} can be written`,
    problems: () => pathProblems({ written: writtenPaths(config), readOnly: ["/tmp", "/var/tmp"] }),
  },
  {
    title: "the receiver of remote writes",
    problems: async () => {
      const isAccepted = (status: number): boolean => status === 204;
      const urls = remoteWriteUrls(config);
      const problems = await Promise.all(urls.map((url) => requestProblem(url, isAccepted, emptyWrite)));
      return problems.filter((problem) => problem !== undefined);
    },
  },
  {
    title: "the trace store inside",
    problems: async () => {
      const problem = await requestProblem(`${jaegerUrl}/api/services`, (status) => status === 200);
      return problem === undefined ? [] : [problem];
    },
  },
]);
isReady = true;
