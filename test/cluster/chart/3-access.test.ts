import { expect } from "chai";
import { describe, it } from "mocha";
import { type Manifest, renderObject } from "../src/render.ts";

describe("external access", function () {
  this.timeout(60_000);

  it("exposes the webhook path of ingress and the API of revenue-query, by Ingress or HTTPRoute", async () => {
    const exposed = {
      http: { enabled: true, host: "a.example" },
      httpRoute: { enabled: true, parentRefs: [{ name: "gw" }] },
    };
    const values = { ingress: exposed, revenueQuery: exposed };
    const ingress = await renderObject("Ingress/takings-ingress", values);
    expect(ingress.spec.rules[0].http.paths[0]).to.include({ path: "/webhooks/stripe", pathType: "Exact" });
    const route = await renderObject("HTTPRoute/takings-ingress", values);
    expect(route.spec.rules[0].matches[0].path).to.deep.equal({ type: "Exact", value: "/webhooks/stripe" });
    const api = await renderObject("Ingress/takings-revenue-query", values);
    const paths = api.spec.rules[0].http.paths.map(({ path }: Manifest) => path);
    expect(paths).to.deep.equal(["/v1", "/openapi.json"]);
  });

  it("does not expose probes and metrics, which have a separate Service", async () => {
    const { spec } = await renderObject("Service/takings-ingress", {
      ingress: { service: { type: "LoadBalancer" } },
    });
    expect(spec.ports).to.deep.equal([{ name: "http", port: 8080, targetPort: "http" }]);
  });

  it("by Ingress has any number of hosts, each with its certificate", async () => {
    const http = {
      enabled: true,
      host: "a.example",
      tlsSecret: "a-tls",
      hosts: [{ host: "b.example", tlsSecret: "b-tls" }, { host: "c.example" }],
      pathType: "Prefix",
      labels: { team: "edge" },
    };
    const { metadata, spec } = await renderObject("Ingress/takings-ingress", { ingress: { http } });
    expect(metadata.labels["team"]).to.equal("edge");
    expect(spec.rules.map(({ host }: Manifest) => host)).to.deep.equal([
      "a.example",
      "b.example",
      "c.example",
    ]);
    for (const rule of spec.rules)
      expect(rule.http.paths[0]).to.include({ path: "/webhooks/stripe", pathType: "Prefix" });
    expect(spec.tls).to.deep.equal([
      { hosts: ["a.example"], secretName: "a-tls" },
      { hosts: ["b.example"], secretName: "b-tls" },
    ]);
  });

  it("by Ingress needs no first host and no certificate", async () => {
    const http = { enabled: true, hosts: [{ host: "b.example" }] };
    const { spec } = await renderObject("Ingress/takings-ingress", { ingress: { http } });
    expect(spec.rules).to.have.length(1);
    expect(spec).to.not.have.property("tls");
  });

  it("by HTTPRoute has the filters and timeouts of the values", async () => {
    const filters = [
      { type: "RequestHeaderModifier", requestHeaderModifier: { set: [{ name: "x-a", value: "b" }] } },
    ];
    const timeouts = { request: "10s" };
    const httpRoute = { enabled: true, parentRefs: [{ name: "gw" }], filters, timeouts };
    const { spec } = await renderObject("HTTPRoute/takings-revenue-query", { revenueQuery: { httpRoute } });
    expect(spec.rules[0]).to.deep.include({ filters, timeouts });
  });

  it("through load balancers of GKE checks a path that returns 200 without a token", async () => {
    const httpRoute = { enabled: true, parentRefs: [{ name: "gw" }], gkeHealthCheckPolicy: true };
    const values = { ingress: { httpRoute }, revenueQuery: { httpRoute } };
    for (const [service, requestPath] of [
      ["ingress", "/"],
      ["revenue-query", "/openapi.json"],
    ] as const) {
      const { spec } = await renderObject(`HealthCheckPolicy/takings-${service}`, values);
      expect(spec.targetRef).to.deep.equal({ group: "", kind: "Service", name: `takings-${service}` });
      expect(spec.default.config.httpHealthCheck).to.deep.equal({
        portSpecification: "USE_SERVING_PORT",
        requestPath,
      });
    }
  });

  it("by Service has the fields of the values and no others", async () => {
    const fields = {
      ipFamilyPolicy: "PreferDualStack",
      ipFamilies: ["IPv4", "IPv6"],
      loadBalancerClass: "service.k8s.aws/nlb",
      loadBalancerSourceRanges: ["192.0.2.0/24"],
      externalTrafficPolicy: "Local",
      sessionAffinity: "ClientIP",
      trafficDistribution: "PreferClose",
    };
    const service = { type: "LoadBalancer", labels: { a: "b" }, annotations: { c: "d" }, ...fields };
    const { metadata, spec } = await renderObject("Service/takings-ingress", { ingress: { service } });
    expect(metadata.labels["a"]).to.equal("b");
    expect(metadata.annotations).to.deep.equal({ c: "d" });
    expect(spec).to.deep.include(fields);
    const plain = await renderObject("Service/takings-ingress");
    expect(plain.spec).to.have.all.keys("type", "selector", "ports");
  });
});
