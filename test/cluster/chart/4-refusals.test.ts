import { expect } from "chai";
import { describe, it } from "mocha";
import { refusal } from "../src/render.ts";

describe("values that cannot be right", function () {
  this.timeout(60_000);

  const refused: readonly (readonly [what: string, values: object, says: RegExp])[] = [
    ["a name that does not exist", { ingress: { replica: 3 } }, /replica/],
    ["text where a number belongs", { ingress: { replicas: "many" } }, /replicas/],
    [
      "two autoscalers of one Deployment",
      { consumer: { autoscaling: { provider: "keda,hpa" } } },
      /provider.*'keda', 'hpa'/s,
    ],
    [
      "a second autoscaler beside the provider",
      { consumer: { autoscaling: { hpa: { enabled: true } } } },
      /hpa/,
    ],
    ["a digest that is none", { image: { digest: "latest" } }, /digest/],
    ["a schedule that is none", { purge: { schedule: "hourly" } }, /schedule/],
    ["a wrong log level", { logLevel: "verbose" }, /logLevel/],
    [
      "more at least than at most",
      { ingress: { autoscaling: { enabled: true, minReplicas: 9 } } },
      /minReplicas \(9\) is more than maxReplicas \(6\)/,
    ],
    [
      "credentials in the URL of NATS",
      { nats: { url: "nats://a:b@nats:4222" } },
      /nats.url holds credentials/,
    ],
    ["revenue that nobody guards", { api: { existingSecret: "" } }, /set api.allowAnonymous=true/],
    ["an Ingress without a host", { ingress: { http: { enabled: true } } }, /ingress.http.host is required/],
    [
      "a route without a gateway",
      { revenueQuery: { httpRoute: { enabled: true } } },
      /revenueQuery.httpRoute.parentRefs is required/,
    ],
    ["more consumers than the durable feeds", { consumer: { replicas: 7 } }, /max_ack_pending 6000/],
    [
      "what other charts call replicas",
      { replicaCount: 3 },
      /no value replicaCount; here it is ingress.replicas/,
    ],
    [
      "a database to be brought along",
      { postgresql: { enabled: true } },
      /here it is postgres.existingSecret/,
    ],
  ];
  for (const [what, values, says] of refused)
    it(`are refused with a sentence: ${what}`, async () => {
      expect(await refusal(values)).to.match(says);
    });

  it("are refused where the cluster has no KEDA", async () => {
    const said = await refusal({ consumer: { autoscaling: { enabled: true } } }, []);
    expect(said).to.include("this cluster does not know keda.sh/v1alpha1: install KEDA");
  });

  it("are refused where the cluster has no Prometheus Operator", async () => {
    const said = await refusal({ monitoring: { serviceMonitor: { enabled: true } } }, []);
    expect(said).to.include("install the Prometheus Operator first");
  });

  it("are refused where the cluster has no Gateway API", async () => {
    const httpRoute = { enabled: true, parentRefs: [{ name: "gateway" }] };
    expect(await refusal({ ingress: { httpRoute } }, [])).to.include("install the Gateway API");
  });
});
