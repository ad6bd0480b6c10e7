import { expect } from "chai";
import { describe, it } from "mocha";
import { type Manifest, renderObject } from "../src/render.ts";

describe("network policies", function () {
  this.timeout(60_000);

  it("allow each service only the connections that it needs", async () => {
    const values = {
      networkPolicy: { enabled: true },
      otel: { endpoint: "http://otel:4318" },
      reconcile: { enabled: true },
      balanceSync: { enabled: true },
      toolbox: { enabled: true },
    };
    const portsOf = async (component: string): Promise<number[]> => {
      const { spec } = await renderObject(`NetworkPolicy/takings-${component}`, values);
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
    expect(await portsOf("balance-sync")).to.have.members([4222, 5432, 443]);
    expect(await portsOf("toolbox")).to.have.members([4222, 8222, 5432, 443]);
  });

  it("use the ports of the URLs and the peers of the values", async () => {
    const nats = { url: "nats://a:4333,nats://b:4333", monitoringEndpoint: "a:8333" };
    const natsTo = [{ podSelector: { matchLabels: { app: "nats" } } }];
    const { spec } = await renderObject("NetworkPolicy/takings-ingress", {
      nats,
      networkPolicy: { enabled: true, natsTo },
    });
    expect(spec.egress[1]).to.deep.equal({ ports: [{ port: 4333, protocol: "TCP" }], to: natsTo });
    expect(spec.egress[2]).to.deep.equal({ ports: [{ port: 8333, protocol: "TCP" }], to: natsTo });
  });

  it("allow the ports of all NATS servers", async () => {
    const url = "nats://a:4333,nats://b:4334,c:4335/,d,nats://e:4333";
    const { spec } = await renderObject("NetworkPolicy/takings-consumer", {
      nats: { url },
      networkPolicy: { enabled: true },
    });
    const ports = [4333, 4334, 4335, 4222].map((port) => ({ port, protocol: "TCP" }));
    expect(spec.egress[1].ports).to.deep.equal(ports);
  });

  // The exporter uses the default port of the scheme, as every HTTP client does: https://www.rfc-editor.org/rfc/rfc9110#section-4.2
  for (const [endpoint, port] of [
    ["http://collector", 80],
    ["https://collector.example", 443],
    ["https://collector.example/tenant:1", 443],
    ["http://collector:4319/otlp", 4319],
    ["http://[fd00::1]:4318", 4318],
  ] as const)
    it(`allow port ${port} for the OTLP endpoint ${endpoint}`, async () => {
      const { spec } = await renderObject("NetworkPolicy/takings-ingress", {
        otel: { endpoint },
        networkPolicy: { enabled: true },
      });
      expect(spec.egress.at(-1).ports).to.deep.equal([{ port, protocol: "TCP" }]);
    });

  it("limit Stripe's API to the peers of the values", async () => {
    const stripeTo = [{ podSelector: { matchLabels: { app: "egress-proxy" } } }];
    const { spec } = await renderObject("NetworkPolicy/takings-reconcile", {
      reconcile: { enabled: true },
      networkPolicy: { enabled: true, stripeTo },
    });
    expect(spec.egress.at(-1)).to.deep.equal({ ports: [{ port: 443, protocol: "TCP" }], to: stripeTo });
  });
});
