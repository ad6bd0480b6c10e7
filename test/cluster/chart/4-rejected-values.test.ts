import { expect } from "chai";
import { describe, it } from "mocha";
import { rejection } from "../src/render.ts";

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
    ["more consumers than max_ack_pending can feed", { consumer: { replicas: 7 } }, /max_ack_pending 6000/],
    [
      "the name that other charts use for replicas",
      { replicaCount: 3 },
      /There is no value replicaCount; use ingress.replicas/,
    ],
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

  it("are rejected when the cluster has no Gateway API", async () => {
    const httpRoute = { enabled: true, parentRefs: [{ name: "gateway" }] };
    expect(await rejection({ ingress: { httpRoute } }, [])).to.include("Install the Gateway API");
  });
});
