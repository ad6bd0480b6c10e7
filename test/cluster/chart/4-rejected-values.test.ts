import { expect } from "chai";
import { describe, it } from "mocha";
import { rejection, render } from "../src/render.ts";

describe("invalid values", function () {
  this.timeout(60_000);

  const rejected: readonly (readonly [what: string, values: object, message: RegExp])[] = [
    ["an unknown name", { ingress: { replica: 3 } }, /replica/],
    ["text instead of a number", { ingress: { replicas: "many" } }, /replicas/],
    [
      "two autoscalers for one Deployment",
      { consumer: { autoscaling: { provider: "keda,hpa" } } },
      /provider.*'keda', 'hpa'/s,
    ],
    [
      "a second autoscaler beside the provider",
      { consumer: { autoscaling: { hpa: { enabled: true } } } },
      /hpa/,
    ],
    [
      "an HPA that scales to zero",
      { consumer: { autoscaling: { enabled: true, provider: "hpa", minReplicas: 0 } } },
      /minReplicas is 0, which needs consumer.autoscaling.provider=keda/,
    ],
    [
      "a traffic policy that the type of the Service does not have",
      { ingress: { service: { externalTrafficPolicy: "Local" } } },
      /ingress.service.externalTrafficPolicy needs ingress.service.type NodePort or LoadBalancer/,
    ],
    [
      "allowed addresses without the proxies that name them",
      { ingress: { allowedAddresses: { existingConfigMap: "stripe-addresses" } } },
      /ingress.allowedAddresses needs ingress.trustProxy/,
    ],
    ["an invalid digest", { image: { digest: "latest" } }, /digest/],
    ["an invalid schedule", { purge: { schedule: "hourly" } }, /schedule/],
    ["an unknown log level", { logLevel: "verbose" }, /logLevel/],
    [
      "minReplicas above maxReplicas",
      { ingress: { autoscaling: { enabled: true, minReplicas: 9 } } },
      /minReplicas \(9\) is greater than maxReplicas \(6\)/,
    ],
    [
      "credentials in the URL of NATS",
      { nats: { url: "nats://a:b@nats:4222" } },
      /nats.url contains credentials/,
    ],
    ["revenue-query without tokens", { api: { existingSecret: "" } }, /set api.allowAnonymous=true/],
    ["an Ingress without a host", { ingress: { http: { enabled: true } } }, /ingress.http.host is required/],
    [
      "an HTTPRoute without a gateway",
      { revenueQuery: { httpRoute: { enabled: true } } },
      /revenueQuery.httpRoute.parentRefs is required/,
    ],
    [
      "the page behind an Ingress without the URL that people open",
      { revenueQuery: { page: { http: { enabled: true, host: "a.example" } } } },
      /revenueQuery.page.publicUrl is required/,
    ],
    [
      "a public URL of the page with a path",
      { revenueQuery: { page: { publicUrl: "https://a.example/money" } } },
      /publicUrl/,
    ],
    [
      "a user header on a port that is open to everyone",
      { revenueQuery: { page: { userHeader: "X-User" }, service: { type: "LoadBalancer" } } },
      /revenueQuery.page.userHeader needs revenueQuery.service.type ClusterIP/,
    ],
    [
      "a user header without the proxy that is believed",
      { revenueQuery: { page: { userHeader: "X-User" } } },
      /revenueQuery.page.userHeader needs revenueQuery.trustProxy/,
    ],
    ["more consumers than max_ack_pending can feed", { consumer: { replicas: 7 } }, /max_ack_pending 6000/],
    [
      "the name that other charts use for replicas",
      { replicaCount: 3 },
      /There is no value replicaCount; use ingress.replicas/,
    ],
    [
      "more required replicas than the chart gives the stream",
      { ingress: { requireStreamReplicas: 3 } },
      /requireStreamReplicas \(3\) is greater than stream.replicas \(1\), so ingress would never be ready/,
    ],
    [
      "volumes that would replace those with the Secrets",
      { ingress: { pod: { volumes: [] } } },
      /ingress.pod.volumes would replace the list of the chart. Use ingress.extraVolumes/,
    ],
    [
      "containers of a job, which would keep it from ending",
      { jobs: { pod: { containers: [] } } },
      /jobs.pod.containers would .* Use jobs.initContainers/,
    ],
    [
      "a list of variables beside the map",
      { toolbox: { container: { env: [] } } },
      /toolbox.container.env would .* Use toolbox.env/,
    ],
    [
      "other arguments than the name of the service",
      { consumer: { container: { args: ["--debug"] } } },
      /consumer.container.args would replace the list of the chart. The chart sets it/,
    ],
    ["a further container of a job", { jobs: { extraContainers: [{ name: "a" }] } }, /extraContainers/],
    [
      "two limits of a disruption budget",
      { ingress: { podDisruptionBudget: { minAvailable: 1, maxUnavailable: 1 } } },
      /ingress.podDisruptionBudget has minAvailable and maxUnavailable/,
    ],
    [
      "an unknown traffic policy",
      { ingress: { service: { externalTrafficPolicy: "local" } } },
      /externalTraffic/,
    ],
    ["an invalid certificate authority", { postgres: { caSecret: "My CA" } }, /caSecret/],
    ["a bundled database", { postgresql: { enabled: true } }, /use postgres.existingSecret/],
  ];
  for (const [what, values, message] of rejected)
    it(`are rejected with a message: ${what}`, async () => {
      expect(await rejection(values)).to.match(message);
    });

  it("are rejected when the cluster has no KEDA", async () => {
    const message = await rejection({ consumer: { autoscaling: { enabled: true } } }, []);
    expect(message).to.include("this cluster does not have keda.sh/v1alpha1. Install KEDA");
  });

  it("are rejected when the cluster has no Prometheus Operator", async () => {
    const message = await rejection({ monitoring: { serviceMonitor: { enabled: true } } }, []);
    expect(message).to.include("Install the Prometheus Operator");
  });

  it("are accepted for more required replicas where the chart does not create the stream", async () => {
    const ingress = { requireStreamReplicas: 3 };
    await render({ values: { ingress, stream: { enabled: false } } });
    await render({ values: { ingress, stream: { replicas: 3 } } });
    await render({ values: { ingress: { ...ingress, durabilityCheck: "off" } } });
  });

  it("are rejected when the cluster is not GKE", async () => {
    const httpRoute = { enabled: true, parentRefs: [{ name: "gateway" }], gkeHealthCheckPolicy: true };
    const message = await rejection({ ingress: { httpRoute } }, ["gateway.networking.k8s.io/v1"]);
    expect(message).to.include("this cluster does not have networking.gke.io/v1");
  });

  it("are rejected when the cluster has no Gateway API", async () => {
    const httpRoute = { enabled: true, parentRefs: [{ name: "gateway" }] };
    expect(await rejection({ ingress: { httpRoute } }, [])).to.include("Install the Gateway API");
  });
});
