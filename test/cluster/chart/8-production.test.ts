import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { conform } from "../src/kubeconform.ts";
import {
  productionFiles,
  productionPath,
  productionResource,
  productionResources,
  productionValues,
  readProduction,
  resourceFiles,
} from "../src/production.ts";
import { type Manifest, render } from "../src/render.ts";
import { mustRun } from "../src/run-program.ts";
import { secretReferences } from "../src/secret-references.ts";

const read = (path: string): string => readFileSync(join(projectRoot(), path), "utf8");
const takingsObjects = (): ReturnType<typeof render> =>
  render({ valuesFile: productionPath("takings-values.yaml") });

describe("k8s/production", function () {
  this.timeout(60_000);

  it("is valid by the schemas of the operators", async () => {
    const paths = resourceFiles().map(productionPath);
    expect(paths).to.have.length.above(9);
    expect(await mustRun("kubeconform", [...conform, ...paths])).to.match(
      /Invalid: 0, Errors: 0, Skipped: 0/,
    );
  });

  it("has values that the chart accepts", async () => {
    const objects = await takingsObjects();
    expect([...objects.keys()]).to.include.members([
      "ScaledObject/takings-consumer",
      "ServiceMonitor/takings",
      "Deployment/takings-toolbox",
    ]);
    expect([...objects.keys()]).to.not.include("Job/takings-stream");
  });

  it("names each of its files in exactly one of the steps", () => {
    const [, ...steps] = readProduction("README.md").split(/^### /m);
    const stepsWith = (file: string): readonly string[] =>
      steps.filter((step) => step.includes(file)).map((step) => step.slice(0, step.indexOf("\n")));
    const files = productionFiles().filter((file) => file !== "README.md");
    expect(files).to.include.members(["create-secrets.sh", "gitops/argocd.yaml", "takings-values.yaml"]);
    for (const file of files) expect(stepsWith(file), file).to.have.length(1);
  });

  it("waits for what an operator creates before it watches it", () => {
    const collector = `deployment/${productionResource("OpenTelemetryCollector").metadata.name}-collector`;
    const step = readProduction("README.md");
    const wait = step.indexOf(`wait --for=create ${collector}`);
    expect(wait).to.be.above(0);
    expect(step.indexOf(`rollout status ${collector.replace("/", " ")}`)).to.be.above(wait);
  });

  it("installs what scales pods on CPU, with a check", async () => {
    const objects = [...(await takingsObjects()).values()];
    const metrics = objects.filter(({ kind }) => kind === "HorizontalPodAutoscaler");
    expect(metrics.flatMap(({ spec }) => spec.metrics.map(({ type }: Manifest) => type))).to.include(
      "Resource",
    );
    const [, operators = ""] = readProduction("README.md").split(/^### /m);
    expect(operators)
      .to.include("helm upgrade --install metrics-server ")
      .and.to.include("`kubectl top nodes`");
  });

  it("keeps the purger suspended with the value that the runbooks name", async () => {
    for (const path of ["docs/runbooks/README.md", "docs/runbooks/restore-drill.md"])
      expect(read(path), path).to.include("`purge.suspend: true`");
    const suspended = await render({
      valuesFile: productionPath("takings-values.yaml"),
      values: { purge: { suspend: true } },
    });
    expect(suspended.get("CronJob/takings-purger")?.spec.suspend).to.equal(true);
  });

  it("creates every Secret and key that something refers to, and no other", async () => {
    const used = new Map<string, Set<string>>();
    const objects = [...(await takingsObjects()).values()];
    const references = [
      // A ClusterIssuer has no namespace and reads the Secret in that of cert-manager.
      ...productionResources().flatMap(({ spec, metadata }) =>
        secretReferences(spec, metadata.namespace ?? "cert-manager"),
      ),
      ...objects.flatMap((one) => secretReferences(one.spec, "takings")),
      ...["nats-values.yaml", "nats-users.yaml", "nack-values.yaml"].flatMap((file) =>
        secretReferences(productionValues(file), "nats"),
      ),
      ...secretReferences(productionValues("monitoring-values.yaml"), "monitoring"),
    ];
    for (const { secret, keys } of references)
      used.set(secret, new Set([...(used.get(secret) ?? []), ...keys]));
    const created = createdSecrets();
    expect([...used.keys()].toSorted()).to.deep.equal([...created.keys()].toSorted());
    for (const [secret, keys] of used) expect(created.get(secret), secret).to.include.members([...keys]);
  });

  it("refers to Services that something creates, by the ports that they have", () => {
    const values = productionValues("takings-values.yaml");
    const cluster = productionResource("Cluster", "takings-db").metadata.name;
    const account = productionResource("Account");
    expect(account.spec.servers).to.deep.equal([values.nats.url]);
    // The nats chart names its Services after the release `nats` in the namespace `nats`.
    expect(values.nats.url).to.equal("nats://nats.nats:4222");
    expect(values.nats.monitoringEndpoint).to.equal("nats-headless.nats.svc.cluster.local:8222");
    const { metadata, spec } = productionResource("OpenTelemetryCollector");
    const [, port] = spec.config.receivers.otlp.protocols.http.endpoint.split(":");
    expect(values.otel.endpoint).to.equal(`http://${metadata.name}-collector:${port}`);
    const urls: string[] = Object.values(
      productionResource("ExternalSecret", "takings-postgres").spec.target.template.data,
    );
    for (const url of urls)
      expect(url).to.match(new RegExp(`@${cluster}-rw:5432/takings\\?sslmode=verify-full$`));
    const monitored = productionResource("PodMonitor").spec.selector.matchLabels["cnpg.io/cluster"];
    expect(monitored).to.equal(cluster);
  });

  it("gives Grafana the data sources of the stack, with the password of its login", () => {
    const { grafana } = productionValues("monitoring-values.yaml");
    const { datasources } = parse(read("charts/takings-stack/files/grafana-datasources.yaml"));
    const typesOf = (sources: readonly Manifest[]): string[] =>
      sources.map(({ uid, type }) => `${uid}: ${type}`);
    // kube-prometheus-stack, values.yaml: grafana.sidecar.datasources.uid.
    const given = ["prometheus: prometheus", ...typesOf(grafana.additionalDataSources)];
    expect(given).to.deep.equal(typesOf(datasources));
    const [postgres] = grafana.additionalDataSources.filter(({ uid }: Manifest) => uid === "postgres");
    const cluster = productionResource("Cluster", "takings-db");
    expect(postgres.url).to.equal(`${cluster.metadata.name}-rw.${cluster.metadata.namespace}.svc:5432`);
    expect(cluster.spec.managed.roles.map(({ name }: Manifest) => name)).to.include(postgres.user);
    const variables = Object.keys(grafana.envValueFrom).map((name) => `$${name}`);
    expect(variables).to.deep.equal([postgres.secureJsonData.password]);
    const { datasourceUid } = grafana.sidecar.datasources.exemplarTraceIdDestinations;
    expect(datasourceUid).to.equal("tempo");
  });

  it("has a certificate for every name of the servers of NATS", () => {
    const { dnsNames } = productionResource("Certificate", "nats-server").spec;
    // Clients use the Service, servers their routes to each other: nats-io/k8s, files/config/cluster.yaml.
    expect(dnsNames).to.include.members(["nats", "nats.nats", "*.nats-headless"]);
  });

  it("has the logins and groups of roles.sql", () => {
    const sql = read("charts/takings-stack/files/roles.sql");
    const groups = /unnest\(array\[(.*?)\]\)/.exec(sql)?.[1]?.match(/\w+/g) ?? [];
    const logins = [...sql.matchAll(/\('(takings_\w+)', :'\w+', '\{(.*)\}'\)/g)].map(([, name, list]) => ({
      name,
      inRoles: list?.split(","),
    }));
    const { roles } = productionResource("Cluster", "takings-db").spec.managed;
    const managed = (login: boolean): Manifest[] => roles.filter((role: Manifest) => role.login === login);
    expect(managed(false).map(({ name }) => name)).to.deep.equal(groups);
    expect(managed(true).map(({ name, inRoles }) => ({ name, inRoles }))).to.deep.equal(logins);
    for (const { name, passwordSecret } of managed(true))
      expect(passwordSecret.name).to.equal(name.replace(/^takings_/, "takings-db-"));
  });

  it("restores a cluster with the settings of the lost one, which writes nothing to the bucket", () => {
    const { plugins, bootstrap, ...settings } = productionResource("Cluster", "takings-db").spec;
    const restored = productionResource("Cluster", "takings-db-restored").spec;
    const { bootstrap: recovery, externalClusters, ...others } = restored;
    expect(others).to.deep.equal(settings);
    const { database, owner, secret } = bootstrap.initdb;
    expect(recovery.recovery).to.deep.equal({ source: "takings-db", database, owner, secret });
    const [{ parameters }] = plugins;
    expect(externalClusters[0].plugin.parameters).to.deep.equal({ ...parameters, serverName: "takings-db" });
    expect(productionResource("ScheduledBackup", "takings-db-restored-daily").spec.suspend).to.equal(true);
  });

  it("has a collector that the Pod Security Standard `restricted` admits", () => {
    // https://kubernetes.io/docs/concepts/security/pod-security-standards/
    const { podSecurityContext, securityContext } = productionResource("OpenTelemetryCollector").spec;
    expect(podSecurityContext).to.deep.include({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(securityContext).to.deep.include({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
  });
});

/** The keys of each Secret that a resource of k8s/production, or an operator for it, creates, by `namespace/name`. */
function createdSecrets(): ReadonlyMap<string, readonly string[]> {
  const entries = productionResources().flatMap(({ kind, metadata, spec }): [string, string[]][] => {
    const { namespace, name } = metadata;
    if (kind === "ExternalSecret") {
      const data = spec.target.template?.data ?? Object.fromEntries(spec.data.map(secretKeyOf));
      return [[`${namespace}/${spec.target.name}`, Object.keys(data)]];
    }
    // cert-manager, https://cert-manager.io/docs/usage/certificate/#target-secret
    if (kind === "Certificate")
      return [[`${namespace}/${spec.secretName}`, ["ca.crt", "tls.crt", "tls.key"]]];
    // cloudnative-pg, docs/src/certificates.md, "Server CA secret"
    if (kind === "Cluster" && name === "takings-db") return [[`${namespace}/${name}-ca`, ["ca.crt"]]];
    return [];
  });
  return new Map(entries);
}

function secretKeyOf({ secretKey }: Manifest): [string, string] {
  return [secretKey, ""];
}
