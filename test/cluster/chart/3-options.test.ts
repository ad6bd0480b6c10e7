import { expect } from "chai";
import { describe, it } from "mocha";
import { type Manifest, type Rendered, render } from "../src/render.ts";

const scaled = (more: object): object => ({ consumer: { autoscaling: { enabled: true, ...more } } });

async function get(name: string, values: object = {}): Promise<Rendered> {
  const objects = await render({ values });
  const object = objects.get(name);
  if (object === undefined) throw new Error(`${name} is not among ${[...objects.keys()].join(", ")}`);
  return object;
}
const names = async (values: object = {}): Promise<string[]> => [...(await render({ values })).keys()];

describe("the defaults", function () {
  this.timeout(60_000);

  it("render what an installation beside takings-stack needs, and nothing that needs an operator", async () => {
    expect((await names()).toSorted()).to.deep.equal([
      "CronJob/takings-purger",
      "Deployment/takings-consumer",
      "Deployment/takings-ingress",
      "Deployment/takings-revenue-query",
      "Job/takings-migrate",
      "Job/takings-stream",
      "Pod/takings-test",
      "PodDisruptionBudget/takings-ingress",
      "PodDisruptionBudget/takings-revenue-query",
      "Service/takings-consumer-admin",
      "Service/takings-ingress",
      "Service/takings-ingress-admin",
      "Service/takings-revenue-query",
      "Service/takings-revenue-query-admin",
      "ServiceAccount/takings-consumer",
      "ServiceAccount/takings-ingress",
      "ServiceAccount/takings-revenue-query",
    ]);
  });
});

describe("autoscaling", function () {
  this.timeout(60_000);

  it("by KEDA reads the lag of the durable from the fully qualified monitoring endpoint", async () => {
    const { spec } = await get(
      "ScaledObject/takings-consumer",
      scaled({ maxReplicas: 4, lagThreshold: 100 }),
    );
    expect(spec).to.include({ minReplicaCount: 1, maxReplicaCount: 4 });
    expect(spec.fallback).to.deep.equal({
      failureThreshold: 3,
      replicas: 2,
      behavior: "currentReplicasIfHigher",
    });
    expect(spec.triggers).to.have.length(1);
    expect(spec.triggers[0]).to.deep.equal({
      type: "nats-jetstream",
      metadata: {
        natsServerMonitoringEndpoint: "takings-nats.default.svc.cluster.local:8222",
        account: "$G",
        stream: "STRIPE_EVENTS",
        consumer: "revenue",
        lagThreshold: "100",
      },
    });
  });

  it("by an HPA uses an External metric", async () => {
    const { spec } = await get(
      "HorizontalPodAutoscaler/takings-consumer",
      scaled({ provider: "hpa", lagThreshold: 100 }),
    );
    const external = {
      metric: { name: "takings_consumer_pending" },
      target: { type: "AverageValue", averageValue: "100" },
    };
    expect(spec.metrics).to.deep.equal([{ type: "External", external }]);
    expect(spec.behavior.scaleDown.stabilizationWindowSeconds).to.equal(300);
    expect(await names(scaled({ provider: "hpa" }))).to.not.include("ScaledObject/takings-consumer");
  });

  it("of ingress and revenue-query uses CPU", async () => {
    const values = {
      ingress: { autoscaling: { enabled: true } },
      revenueQuery: { autoscaling: { enabled: true } },
    };
    for (const name of ["ingress", "revenue-query"]) {
      const { spec } = await get(`HorizontalPodAutoscaler/takings-${name}`, values);
      expect(spec.metrics[0].resource.target).to.deep.equal({ type: "Utilization", averageUtilization: 70 });
    }
  });

  it("owns the number of replicas: a scaled Deployment sets none", async () => {
    expect((await get("Deployment/takings-consumer", scaled({}))).spec).to.not.have.property("replicas");
    expect((await get("Deployment/takings-consumer")).spec.replicas).to.equal(1);
  });
});

describe("disruption budgets", function () {
  this.timeout(60_000);

  it("exist for services with more than one pod", async () => {
    const one = { ingress: { replicas: 1 }, revenueQuery: { replicas: 1 } };
    expect((await names(one)).filter((name) => name.startsWith("PodDisruptionBudget"))).to.deep.equal([]);
    const { spec } = await get("PodDisruptionBudget/takings-consumer", scaled({ minReplicas: 2 }));
    expect(spec).to.include({ maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" });
  });
});

describe("network policies", function () {
  this.timeout(60_000);

  it("allow each service only the connections that it needs", async () => {
    const values = {
      networkPolicy: { enabled: true },
      otel: { endpoint: "http://otel:4318" },
      reconcile: { enabled: true },
    };
    const portsOf = async (component: string): Promise<number[]> => {
      const { spec } = await get(`NetworkPolicy/takings-${component}`, values);
      expect(spec.policyTypes).to.deep.equal(["Ingress", "Egress"]);
      const ports = spec.egress.flatMap((rule: Manifest) =>
        rule.ports.map(({ port }: { port: number }) => port),
      );
      return [...new Set<number>(ports)].filter((port) => port !== 53 && port !== 5353);
    };
    expect(await portsOf("ingress")).to.have.members([4222, 8222, 4318]);
    expect(await portsOf("consumer")).to.have.members([4222, 5432, 4318]);
    expect(await portsOf("revenue-query")).to.have.members([5432, 4318]);
    expect(await portsOf("migrate")).to.have.members([5432]);
    expect(await portsOf("reconcile")).to.have.members([4222, 5432, 443]);
  });

  it("use the ports of the URLs and the peers of the values", async () => {
    const nats = { url: "nats://a:4333,nats://b:4333", monitoringEndpoint: "a:8333" };
    const natsTo = [{ podSelector: { matchLabels: { app: "nats" } } }];
    const { spec } = await get("NetworkPolicy/takings-ingress", {
      nats,
      networkPolicy: { enabled: true, natsTo },
    });
    expect(spec.egress[1]).to.deep.equal({ ports: [{ port: 4333, protocol: "TCP" }], to: natsTo });
    expect(spec.egress[2]).to.deep.equal({ ports: [{ port: 8333, protocol: "TCP" }], to: natsTo });
  });
});

describe("one-off jobs", function () {
  this.timeout(60_000);

  it("are hooks that run first, the migration before the stream, and use no object of the chart", async () => {
    const migrate = await get("Job/takings-migrate");
    const stream = await get("Job/takings-stream");
    expect(migrate.metadata.annotations).to.include({
      "helm.sh/hook": "pre-install,pre-upgrade",
      "helm.sh/hook-weight": "0",
    });
    expect(Number(stream.metadata.annotations?.["helm.sh/hook-weight"])).to.be.above(0);
    for (const { spec } of [migrate, stream]) {
      expect(spec.template.spec.serviceAccountName).to.equal("default");
      expect(JSON.stringify(spec)).to.not.include("configMap");
    }
  });

  it("are plain Jobs, one per revision, when hooks are disabled", async () => {
    const { metadata, spec } = await get("Job/takings-migrate-1", { migration: { hook: false } });
    expect(metadata).to.not.have.property("annotations");
    expect(spec).to.include({
      backoffLimit: 10,
      activeDeadlineSeconds: 600,
      ttlSecondsAfterFinished: 86_400,
    });
  });

  it("do not create the stream when an operator owns it", async () => {
    expect(await names({ stream: { enabled: false } })).to.not.include("Job/takings-stream");
  });
});

describe("scheduled jobs", function () {
  this.timeout(60_000);

  const enabled = { purge: { enabled: true }, payloadPrune: { enabled: true }, reconcile: { enabled: true } };

  it("run commands of takings and never overlap", async () => {
    for (const [name, args] of [
      ["purger", ["purge"]],
      ["payload-prune", ["payloads", "prune"]],
      ["reconcile", ["reconcile"]],
    ] as const) {
      const { spec } = await get(`CronJob/takings-${name}`, enabled);
      expect(spec.concurrencyPolicy).to.equal("Forbid");
      expect(spec.jobTemplate.spec.template.spec.containers[0].args).to.deep.equal(args);
    }
  });

  it("have their own logins, and Stripe's key in a file", async () => {
    const envOf = async (name: string): Promise<string> =>
      JSON.stringify(
        (await get(`CronJob/takings-${name}`, enabled)).spec.jobTemplate.spec.template.spec.containers[0].env,
      );
    expect(await envOf("purger"))
      .to.include('"key":"purger"')
      .and.include('"key":"purge"');
    expect(await envOf("payload-prune"))
      .to.include('"key":"prune"')
      .and.not.include("NATS");
    expect(await envOf("reconcile"))
      .to.include("STRIPE_API_KEY_FILE")
      .and.include('"key":"reconcile"');
  });
});

describe("credentials", function () {
  this.timeout(60_000);

  it("of NATS are a password reference in the URL, a .creds file, or none", async () => {
    const pod = async (nats: object): Promise<string> =>
      JSON.stringify((await get("Deployment/takings-ingress", { nats })).spec.template.spec);
    expect(await pod({})).to.include("nats://ingress:$(NATS_PASSWORD)@takings-nats:4222");
    const creds = await pod({ authentication: "creds" });
    expect(creds).to.include("/etc/takings/nats/user.creds").and.not.include("NATS_PASSWORD");
    const none = await pod({ existingSecret: "" });
    expect(none)
      .to.include('"nats://takings-nats:4222"')
      .and.not.match(/NATS_PASSWORD|NATS_CREDS_FILE/);
  });

  it("of PostgreSQL are one key per login, one key for all, or a Secret per login", async () => {
    const keyOf = async (postgres: object): Promise<unknown> => {
      const { env } = (await get("Deployment/takings-consumer", { postgres })).spec.template.spec
        .containers[0];
      return env.find(({ name }: { name: string }) => name === "DATABASE_URL").valueFrom.secretKeyRef;
    };
    expect(await keyOf({})).to.deep.equal({ name: "takings-postgres", key: "consumer" });
    expect(await keyOf({ existingSecret: "db-app", urlKey: "uri" })).to.deep.equal({
      name: "db-app",
      key: "uri",
    });
    const logins = { consumer: { existingSecret: "db-consumer", urlKey: "url" } };
    expect(await keyOf({ urlKey: "uri", logins })).to.deep.equal({ name: "db-consumer", key: "url" });
  });

  it("of the API are not mounted when anonymous access is allowed", async () => {
    const { env } = (await get("Deployment/takings-revenue-query", { api: { allowAnonymous: true } })).spec
      .template.spec.containers[0];
    expect(env).to.deep.include({ name: "ALLOW_ANONYMOUS", value: "true" });
    expect(JSON.stringify(env)).to.not.include("API_TOKENS_FILE");
  });
});

describe("external access", function () {
  this.timeout(60_000);

  it("exposes the webhook path of ingress and all of revenue-query, by Ingress or HTTPRoute", async () => {
    const exposed = {
      http: { enabled: true, host: "a.example" },
      httpRoute: { enabled: true, parentRefs: [{ name: "gw" }] },
    };
    const values = { ingress: exposed, revenueQuery: exposed };
    const ingress = await get("Ingress/takings-ingress", values);
    expect(ingress.spec.rules[0].http.paths[0]).to.include({ path: "/webhooks/stripe", pathType: "Exact" });
    const route = await get("HTTPRoute/takings-ingress", values);
    expect(route.spec.rules[0].matches[0].path).to.deep.equal({ type: "Exact", value: "/webhooks/stripe" });
    expect((await get("Ingress/takings-revenue-query", values)).spec.rules[0].http.paths[0].path).to.equal(
      "/",
    );
  });

  it("does not expose probes and metrics, which have a separate Service", async () => {
    const { spec } = await get("Service/takings-ingress", { ingress: { service: { type: "LoadBalancer" } } });
    expect(spec.ports).to.deep.equal([{ name: "http", port: 8080, targetPort: "http" }]);
  });
});

describe("monitoring", function () {
  this.timeout(60_000);

  it("selects the admin port of every service", async () => {
    const values = { monitoring: { serviceMonitor: { enabled: true, labels: { release: "prometheus" } } } };
    const { metadata, spec } = await get("ServiceMonitor/takings", values);
    expect(metadata.labels["release"]).to.equal("prometheus");
    expect(spec.endpoints[0]).to.include({ port: "admin", path: "/metrics" });
    const objects = await render({ values });
    for (const component of ["ingress", "consumer", "revenue-query"]) {
      const service = objects.get(`Service/takings-${component}-admin`);
      expect(service?.metadata.labels).to.include(spec.selector.matchLabels);
      expect(service?.spec.ports).to.deep.equal([{ name: "admin", port: 9090, targetPort: "admin" }]);
    }
  });
});
