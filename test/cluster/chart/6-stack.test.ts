import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { parse } from "yaml";
import { dashboardProblems } from "../stand-ins/grafana/dashboards.ts";
import { dataSourceProblems, dataSourcesOf } from "../stand-ins/grafana/data-sources.ts";
import { documentedSettings, providerFields } from "../stand-ins/grafana/grafana-fields.ts";
import { undocumented } from "../stand-ins/src/documented-fields.ts";
import { remoteWriteUrls, tempoProblems, writtenPaths } from "../stand-ins/tempo/tempo-config.ts";
import { charts, type Manifest, type Rendered, render } from "../src/render.ts";

describe("the stack chart", function () {
  this.timeout(60_000);

  let objects: ReadonlyMap<string, Rendered>;
  before(async () => {
    objects = await render({ chart: "stack" });
  });

  const podOf = (name: string): Manifest => objects.get(name)?.spec.template.spec;
  const fileOf = (configMap: string, key: string, from = objects): string => {
    const { data } = from.get(`ConfigMap/${configMap}`) as Manifest;
    return data[key];
  };
  /** The folder of the container's volume that holds the path; undefined when the root file system does. */
  const volumeOf = (container: Manifest, path: string): string | undefined =>
    container.volumeMounts.find(({ mountPath }: Manifest) => `${path}/`.startsWith(`${mountPath}/`))?.name;

  it("turns nothing off by default and runs no job that waits for other pods", () => {
    expect([...objects.keys()].filter((name) => /^(Deployment|StatefulSet|Job)/.test(name))).to.have.members([
      "StatefulSet/takings-nats",
      "StatefulSet/takings-postgres",
      "Deployment/takings-otel-collector",
      "Deployment/takings-tempo",
      "Deployment/takings-prometheus",
      "Deployment/takings-grafana",
    ]);
    for (const { metadata } of objects.values()) expect(metadata.annotations).to.equal(undefined);
  });

  it("creates the logins in the pod of PostgreSQL, which is ready only after that", () => {
    const { containers } = podOf("StatefulSet/takings-postgres");
    const roles = containers.find(({ name }: Manifest) => name === "roles");
    const script: string = roles.command.at(-1);
    // A name of the Service would not resolve before this pod is ready.
    expect(roles.env).to.deep.include({ name: "PGHOST", value: "127.0.0.1" });
    expect(roles.readinessProbe.exec.command).to.deep.equal(["test", "-f", "/run/roles/created"]);
    expect(script.indexOf("touch /run/roles/created")).to.be.above(script.indexOf("until psql"));
    expect(script).to.match(/^trap 'exit 0' TERM$/m);
  });

  it("gives Tempo a configuration of documented fields, and a volume for everything that it writes", () => {
    const config = parse(fileOf("takings-tempo", "tempo.yaml"));
    expect(tempoProblems(config)).to.deep.equal([]);
    const [container] = podOf("Deployment/takings-tempo").containers;
    expect(writtenPaths(config)).to.have.length(6);
    for (const path of writtenPaths(config)) expect(volumeOf(container, path), path).to.equal("data");
  });

  it("gives Prometheus the namespace in which it discovers pods", () => {
    const config = parse(fileOf("takings-prometheus", "prometheus.yml"));
    const [{ namespaces }] = config.scrape_configs[0].kubernetes_sd_configs;
    expect(namespaces).to.deep.equal({ own_namespace: true });
    const { volumes } = podOf("Deployment/takings-prometheus");
    const token = volumes.find(({ name }: Manifest) => name === "token");
    expect(token.projected.sources).to.deep.include({
      downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] },
    });
  });

  it("loads the rules of the product chart into Prometheus, for its namespace", () => {
    const config = parse(fileOf("takings-prometheus", "prometheus.yml"));
    const [container] = podOf("Deployment/takings-prometheus").containers;
    expect(config.rule_files).to.deep.equal(["/etc/prometheus/rules.yaml"]);
    expect(volumeOf(container, "/etc/prometheus/rules.yaml")).to.equal("config");
    const rules = fileOf("takings-prometheus", "rules.yaml");
    expect(rules)
      .to.include('namespace="default"')
      .and.not.match(/__[A-Z]+__/);
    expect(parse(rules).groups.length).to.be.above(0);
  });

  it("lets Prometheus take what Tempo generates, and store exemplars", () => {
    const [{ args }] = podOf("Deployment/takings-prometheus").containers;
    expect(args).to.include.members([
      "--web.enable-remote-write-receiver",
      "--enable-feature=exemplar-storage",
    ]);
    expect(remoteWriteUrls(parse(fileOf("takings-tempo", "tempo.yaml")))).to.deep.equal([
      "http://takings-prometheus:9090/api/v1/write",
    ]);
  });

  it("provisions Grafana's data sources with links between them", () => {
    const file = parse(fileOf("takings-grafana", "datasources.yaml"));
    const env = { POSTGRES_PASSWORD: "password" };
    expect(dataSourceProblems(file, env)).to.deep.equal([]);
    expect(dataSourcesOf(file).map(({ uid }) => uid)).to.deep.equal(["prometheus", "tempo", "postgres"]);
    const [prometheus, tempo] = file.datasources;
    expect(prometheus.jsonData.exemplarTraceIdDestinations[0]).to.include({ datasourceUid: "tempo" });
    expect(tempo.jsonData).to.include.keys("serviceMap", "nodeGraph", "tracesToMetrics", "traceQuery");
    expect(tempo.jsonData).to.not.have.property("tracesToLogsV2");
    expect(undocumented(parse(fileOf("takings-grafana", "dashboards.yaml")), providerFields)).to.deep.equal(
      [],
    );
  });

  it("links traces and logs where Loki is configured", async () => {
    const values = { grafana: { lokiUrl: "http://loki:3100" } };
    const file = parse(
      fileOf("takings-grafana", "datasources.yaml", await render({ chart: "stack", values })),
    );
    expect(dataSourceProblems(file, { POSTGRES_PASSWORD: "password" })).to.deep.equal([]);
    const [, tempo, , loki] = file.datasources;
    expect(loki).to.include({ uid: "loki", url: "http://loki:3100" });
    expect(loki.jsonData.derivedFields[0]).to.include({ datasourceUid: "tempo", url: "$${__value.raw}" });
    expect(tempo.jsonData.tracesToLogsV2).to.include({ datasourceUid: "loki" });
  });

  it("shows the dashboards of the product chart, without a value of that chart", () => {
    const { data } = objects.get("ConfigMap/takings-grafana-dashboards") as Manifest;
    const source = join(charts.product, "files/dashboards");
    expect(Object.keys(data)).to.have.members(readdirSync(source));
    const sources = dataSourcesOf(parse(fileOf("takings-grafana", "datasources.yaml")));
    for (const [name, text] of Object.entries<string>(data))
      expect(dashboardProblems(JSON.parse(text), sources), name).to.deep.equal([]);
    const [{ volumeMounts }] = podOf("Deployment/takings-grafana").containers;
    const { providers } = parse(fileOf("takings-grafana", "dashboards.yaml"));
    expect(volumeMounts).to.deep.include({ name: "dashboards", mountPath: providers[0].options.path });
  });

  it("sets only documented settings of Grafana, opens a dashboard at the start and needs no internet", () => {
    const [{ env, volumeMounts }] = podOf("Deployment/takings-grafana").containers;
    const settings = new Map<string, string>(env.map(({ name, value }: Manifest) => [name, value]));
    const named = [...settings.keys()].filter((name) => name.startsWith("GF_"));
    expect(documentedSettings).to.include.members(named);
    expect(settings.get("GF_PLUGINS_PREINSTALL_DISABLED")).to.equal("true");
    const home = settings.get("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH") ?? "";
    expect(existsSync(join(charts.product, "files", home)), home).to.equal(true);
    const mounted = volumeMounts.map(({ mountPath }: Manifest) => mountPath);
    expect(mounted).to.include.members(["/var/lib/grafana", "/tmp"]);
  });
});
