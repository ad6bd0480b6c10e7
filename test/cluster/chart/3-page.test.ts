import { expect } from "chai";
import { describe, it } from "mocha";
import { type Manifest, podOf, render, renderObject } from "../src/render.ts";

const publicUrl = "https://takings.example.com";
const parentRefs = [{ name: "gateway" }];
const exposed = { publicUrl, http: { enabled: true, tlsSecret: "page-tls" } };
const withPage = (page: object): object => ({ revenueQuery: { page } });

describe("the page for people", function () {
  this.timeout(60_000);

  it("is not exposed by the Ingress and the HTTPRoute of the API", async () => {
    const api = { http: { enabled: true, host: "api.example" }, httpRoute: { enabled: true, parentRefs } };
    const objects = await render({ values: { revenueQuery: api } });
    const paths = objects.get("Ingress/takings-revenue-query")?.spec.rules[0].http.paths;
    expect(paths.map(({ path }: Manifest) => path)).to.deep.equal(["/v1", "/openapi.json"]);
    const { matches } = objects.get("HTTPRoute/takings-revenue-query")?.spec.rules[0] ?? {};
    expect(matches.map(({ path }: Manifest) => path)).to.deep.equal([
      { type: "PathPrefix", value: "/v1" },
      { type: "Exact", value: "/openapi.json" },
    ]);
    expect([...objects.keys()]).to.not.include.members(["Ingress/takings-page", "HTTPRoute/takings-page"]);
  });

  it("is exposed by an Ingress at the host of its public URL", async () => {
    const { spec } = await renderObject("Ingress/takings-page", withPage(exposed));
    expect(spec.tls).to.deep.equal([{ hosts: ["takings.example.com"], secretName: "page-tls" }]);
    expect(spec.rules).to.have.length(1);
    expect(spec.rules[0].host).to.equal("takings.example.com");
    const backend = { service: { name: "takings-revenue-query", port: { name: "http" } } };
    expect(spec.rules[0].http.paths).to.deep.equal([{ path: "/", pathType: "Prefix", backend }]);
  });

  it("is exposed by an HTTPRoute at the host of its public URL", async () => {
    const page = { publicUrl: `${publicUrl}:8443`, httpRoute: { enabled: true, parentRefs } };
    const { spec } = await renderObject("HTTPRoute/takings-page", withPage(page));
    expect(spec.hostnames).to.deep.equal(["takings.example.com"]);
    expect(spec.rules[0].matches).to.deep.equal([{ path: { type: "PathPrefix", value: "/" } }]);
    expect(spec.rules[0].backendRefs).to.deep.equal([{ name: "takings-revenue-query", port: 8081 }]);
  });

  it("is checked by load balancers of GKE once, where the API has a route too", async () => {
    const httpRoute = { enabled: true, parentRefs, gkeHealthCheckPolicy: true };
    const values = { revenueQuery: { httpRoute, page: { publicUrl, httpRoute } } };
    const policies = [...(await render({ values })).keys()].filter((name) => name.startsWith("HealthCheck"));
    expect(policies).to.deep.equal(["HealthCheckPolicy/takings-revenue-query"]);
  });

  it("gets its public URL, the header of the user and Grafana's URL as variables", async () => {
    const page = { publicUrl, userHeader: "X-Forwarded-User", grafanaUrl: "https://grafana.example.com" };
    const values = { revenueQuery: { page, trustProxy: "192.0.2.1" } };
    const { env } = podOf(await renderObject("Deployment/takings-revenue-query", values)).containers[0];
    expect(env).to.deep.include.members([
      { name: "PUBLIC_URL", value: publicUrl },
      { name: "PAGE_USER_HEADER", value: "X-Forwarded-User" },
      { name: "GRAFANA_URL", value: "https://grafana.example.com" },
    ]);
  });

  it("takes the client from the proxies of the values, where it is exposed from private addresses", async () => {
    const proxiesOf = async (revenueQuery: object): Promise<string | undefined> => {
      const { env } = podOf(await renderObject("Deployment/takings-revenue-query", { revenueQuery }))
        .containers[0];
      return env.find(({ name }: Manifest) => name === "TRUST_PROXY")?.value;
    };
    expect(await proxiesOf({})).to.equal(undefined);
    expect(await proxiesOf({ page: exposed })).to.equal("loopback, linklocal, uniquelocal, 100.64.0.0/10");
    expect(await proxiesOf({ page: exposed, trustProxy: "192.0.2.1" })).to.equal("192.0.2.1");
  });

  it("may be called by the Ingress controller besides the callers of the API, while it is exposed", async () => {
    const api = { podSelector: { matchLabels: { app: "report" } } };
    const controller = { namespaceSelector: { matchLabels: { name: "gateway" } } };
    const networkPolicy = { enabled: true, revenueQueryFrom: [api], pageFrom: [controller] };
    const callers = async (page: object): Promise<Manifest[]> => {
      const values = { networkPolicy, ...withPage(page) };
      const { spec } = await renderObject("NetworkPolicy/takings-revenue-query", values);
      return spec.ingress[0].from;
    };
    expect(await callers(exposed)).to.deep.include.members([api, controller]);
    expect(await callers({}))
      .to.deep.include(api)
      .and.not.deep.include(controller);
  });
});
