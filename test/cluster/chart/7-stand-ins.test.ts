import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { ruleProblems, targetProblems } from "../src/prometheus.ts";
import { dashboardProblems } from "../stand-ins/grafana/dashboards.ts";
import { dataSourceProblems, dataSourcesOf } from "../stand-ins/grafana/data-sources.ts";
import { undocumented } from "../stand-ins/src/documented-fields.ts";
import { requestProblem } from "../stand-ins/src/until-sound.ts";
import { isWritable, pathProblems } from "../stand-ins/src/writable-paths.ts";
import { matches, parseTraceQl, searchResult, traceById } from "../stand-ins/tempo/tempo-api.ts";
import { tempoProblems, writtenPaths } from "../stand-ins/tempo/tempo-config.ts";

/** The configuration of the stack for Tempo 2, with a volume at /data: Tempo 3 could not start with it. */
const forTempo2 = parse(`
server: { http_listen_port: 3200 }
distributor:
  receivers:
    otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" } } }
storage:
  trace:
    backend: local
    wal: { path: /data/wal }
    local: { path: /data/blocks }
`);

describe("the stand-in for Tempo", () => {
  it("refuses the configuration of Tempo 2, with which Tempo 3 writes outside of the volume", () => {
    const canWrite = (path: string): boolean => path.startsWith("/data/");
    expect(pathProblems({ written: writtenPaths(forTempo2), readOnly: [] }, canWrite)).to.deep.equal([
      "/var/tempo/live-store/traces is not writable, but is written",
      "/var/tempo/live-store/shutdown-marker is not writable, but is written",
      "/var/tempo is not writable, but is written",
    ]);
  });

  it("refuses blocks that Tempo 3 has removed, misspelled fields and values of another kind", () => {
    const config = { ...forTempo2, ingester: {}, compactor: {}, server: { http_port: 1, log_level: 3 } };
    expect(tempoProblems(config)).to.deep.equal([
      "server.http_port is not a documented field",
      "server.log_level must be a text, not 3",
      "ingester is not a documented field",
      "compactor is not a documented field",
    ]);
  });

  it("refuses processors without a folder, without a receiver, or unknown", () => {
    const overrides = { defaults: { metrics_generator: { processors: ["span-metrics", "local-blocks"] } } };
    expect(tempoProblems({ ...forTempo2, overrides })).to.deep.equal([
      "metrics_generator.storage.path is missing",
      "no remote_write takes the generated metrics",
      "local-blocks is not a processor of the metrics generator",
    ]);
  });

  it("refuses a path that can be written but never is", () => {
    const folder = mkdtempSync(join(tmpdir(), "takings-stand-in-"));
    expect(isWritable(join(folder, "new"))).to.equal(true);
    // Not below a file.
    writeFileSync(join(folder, "file"), "");
    expect(isWritable(join(folder, "file/new"))).to.equal(false);
    expect(pathProblems({ written: [], readOnly: [folder] })).to.have.length(1);
    rmSync(folder, { recursive: true });
  });

  const trace = {
    traceID: "0af7651916cd43dd8448eb211c80319c",
    spans: [
      {
        spanID: "b7ad6b7169203331",
        operationName: "POST",
        processID: "p1",
        startTime: 1_000,
        duration: 500,
        tags: [],
      },
      {
        spanID: "00f067aa0ba902b7",
        operationName: "query",
        processID: "p2",
        startTime: 2_000,
        duration: 1_500,
        references: [{ refType: "CHILD_OF", spanID: "b7ad6b7169203331" }],
        tags: [{ key: "db.system.name", value: "postgresql" }],
      },
    ],
    processes: { p1: { serviceName: "ingress" }, p2: { serviceName: "consumer" } },
  };

  it("finds a trace by conditions that one span meets, and rejects other TraceQL", () => {
    const finds = (query: string): boolean => matches(trace, parseTraceQl(query) ?? []);
    expect(finds('{ resource.service.name = "consumer" && span.db.system.name != nil }')).to.equal(true);
    expect(finds('{ resource.service.name = "ingress" && span.db.system.name != nil }')).to.equal(false);
    expect(parseTraceQl("{ duration > 1s }")).to.equal(undefined);
  });

  it("answers searches and reads in the format of Tempo", () => {
    expect(searchResult(trace)).to.deep.equal({
      traceID: trace.traceID,
      rootServiceName: "ingress",
      rootTraceName: "POST",
      startTimeUnixNano: "1000000",
      durationMs: 3,
    });
    const { batches } = traceById(trace) as { batches: object[] };
    expect(batches[1]).to.deep.equal({
      resource: { attributes: [{ key: "service.name", value: { stringValue: "consumer" } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: "CvdlGRbNQ92ESOshHIAxnA==",
              spanId: "APBnqgupArc=",
              parentSpanId: "t61rcWkgMzE=",
              name: "query",
              startTimeUnixNano: "2000000",
              endTimeUnixNano: "3500000",
              attributes: [{ key: "db.system.name", value: { stringValue: "postgresql" } }],
            },
          ],
        },
      ],
    });
  });
});

describe("the stand-in for Grafana", () => {
  const source = {
    name: "Metrics",
    uid: "prometheus",
    type: "prometheus",
    url: "http://metrics",
    isDefault: true,
  };

  it("refuses unknown fields and types, missing variables, and links to data sources that do not exist", () => {
    const jsonData = {
      exemplarTraceIdDestinations: [{ name: "trace_id", datasourceUid: "tempo" }],
      interval: "15s",
    };
    const file = {
      datasources: [
        { ...source, jsonData },
        { name: "Other", uid: "other", type: "graphite" },
      ],
    };
    expect(dataSourceProblems(file, {})).to.deep.equal([
      "Metrics.jsonData.interval is not a documented field",
      "graphite is not a known type of data source",
      "a link leads to the data source tempo, which is not provisioned",
    ]);
    const password = {
      datasources: [{ ...source, user: "$$literal", secureJsonData: { password: "$NO_SUCH" } }],
    };
    expect(dataSourceProblems(password, {})).to.deep.equal(["the variable NO_SUCH is not set"]);
  });

  it("refuses repeated panel ids, data sources that do not exist, and links to Explore of Grafana 9", () => {
    const sources = dataSourcesOf({ datasources: [source] });
    const panel = { id: 1, datasource: { uid: "prometheus" } };
    const sound = { uid: "a", title: "A", panels: [panel] };
    expect(dashboardProblems(sound, sources)).to.deep.equal([]);
    const nested = { id: 2, panels: [{ ...panel, targets: [{ datasource: { uid: "missing" } }] }] };
    const list = [{ type: "datasource", name: "tempo", query: "tempo" }];
    const broken = {
      ...sound,
      panels: [panel, nested],
      templating: { list },
      links: [{ url: "/explore?left={}" }],
    };
    expect(dashboardProblems(broken, sources)).to.deep.equal([
      "two panels have the id 1",
      "the data source missing does not exist",
      "no data source has the type tempo",
      "it has a link to Explore in the format of Grafana 9 (left=…)",
    ]);
  });

  it("compares lists of objects field by field", () => {
    const fields = { providers: [{ name: "text", folder: "text" }] } as const;
    expect(undocumented({ providers: [{ name: "a" }, { nam: "b" }] }, fields)).to.deep.equal([
      "providers[1].nam is not a documented field",
    ]);
    expect(undocumented({ providers: {} }, fields)).to.deep.equal(["providers must be a list"]);
  });
});

describe("the requests of the stand-ins", () => {
  it("each have a connection of their own, and say what was answered instead", async () => {
    const connections = new Set<unknown>();
    const server = createServer((request, response) => {
      connections.add(request.socket);
      response.writeHead(404).end("nothing");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ready`;
    const isReady = (status: number): boolean => status === 200;
    for (const _ of [1, 2, 3])
      expect(await requestProblem(url, isReady)).to.equal(`${url} answered 404 nothing`);
    expect(connections.size).to.equal(3);
    server.close();
    await once(server, "close");
    expect(await requestProblem(url, isReady)).to.match(/cannot be reached: .*ECONNREFUSED/);
  });
});

describe("the checks of Prometheus in the cluster", () => {
  const target = (pod: string, health = "up"): Parameters<typeof targetProblems>[0][number] => ({
    labels: { pod },
    health,
    lastError: health === "up" ? "" : "connection refused",
  });

  it("find pods that are not scraped, targets that are down, and targets that are no pod of the product", () => {
    expect(targetProblems([target("a"), target("b")], ["a", "b"])).to.deep.equal([]);
    expect(targetProblems([], ["a"])).to.deep.equal(["a is not scraped"]);
    expect(targetProblems([target("a", "down"), target("c")], ["a"])).to.deep.equal([
      "c is scraped but does not run",
      "a is down: connection refused",
    ]);
  });

  it("find rules that are not loaded, not evaluated, or fail", () => {
    const rules = [
      { name: "a", health: "ok" },
      { name: "b", health: "err", lastError: "parse error" },
      { name: "c", health: "unknown" },
    ];
    expect(ruleProblems(rules, ["a", "b", "c", "d"])).to.deep.equal([
      "d is not loaded",
      "b is err parse error",
      "c is unknown",
    ]);
  });
});
