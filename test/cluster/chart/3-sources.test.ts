import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type Manifest, podOf, type Rendered, rejection, render } from "../src/render.ts";
import { runHelmTest } from "../src/run-helm-test.ts";

const stripe = { sources: { existingSecret: "my-sources" } };
const file = { name: "STRIPE_SOURCES_FILE", value: "/etc/takings/sources/sources.json" };

const volumeOf = (object: Rendered, name: string): Manifest =>
  podOf(object).volumes?.find((volume: Manifest) => volume.name === name)?.secret;

describe("further sources", function () {
  this.timeout(60_000);

  it("are nowhere by default", async () => {
    expect(JSON.stringify([...(await render()).values()])).to.not.match(
      /sources\.json|"STRIPE_SOURCES_FILE"/,
    );
  });

  it("come from a file that ingress and consumer follow, without the API keys beside it", async () => {
    const objects = await render({ values: { stripe } });
    for (const name of ["ingress", "consumer"]) {
      const service = objects.get(`Deployment/takings-${name}`) as Rendered;
      expect(podOf(service).containers[0].env, name).to.deep.include(file);
      expect(volumeOf(service, "sources"), name).to.deep.include({
        secretName: "my-sources",
        items: [{ key: "sources.json", path: "sources.json" }],
      });
    }
    expect(JSON.stringify(objects.get("Deployment/takings-revenue-query"))).to.not.include("my-sources");
  });

  it("have paths below that of the default source, which Ingress and HTTPRoute let through", async () => {
    const access = {
      http: { enabled: true, host: "a.example" },
      httpRoute: { enabled: true, parentRefs: [{ name: "a" }] },
    };
    const objects = await render({ values: { stripe, ingress: access } });
    const path = objects.get("Ingress/takings-ingress")?.spec.rules[0].http.paths[0];
    expect(path).to.include({ path: "/webhooks/stripe", pathType: "Prefix" });
    expect(objects.get("HTTPRoute/takings-ingress")?.spec.rules[0].matches[0].path).to.deep.equal({
      type: "PathPrefix",
      value: "/webhooks/stripe",
    });
  });

  it("are reconciled and synced by jobs of their own, with their API keys", async () => {
    const values = {
      stripe,
      reconcile: { enabled: true, sources: ["default", "shop-eu"] },
      balanceSync: { enabled: true, sources: ["shop-eu"], accounts: ["acct_2"] },
    };
    const objects = await render({ values });
    const jobs = [...objects.keys()].filter((name) => /^CronJob.*(reconcile|balance)/.test(name));
    expect(jobs).to.have.members([
      "CronJob/takings-reconcile",
      "CronJob/takings-reconcile-shop-eu",
      "CronJob/takings-balance-sync-shop-eu",
    ]);
    for (const [name, args] of [
      ["reconcile", ["reconcile", "--source", "shop-eu"]],
      ["balance-sync", ["balance", "sync", "--source", "shop-eu"]],
    ] as const) {
      const job = objects.get(`CronJob/takings-${name}-shop-eu`) as Rendered;
      const [container] = podOf(job).containers;
      expect(container.args).to.deep.equal(args);
      expect(container.env).to.deep.include(file);
      expect(JSON.stringify(container.env), name).to.not.match(/STRIPE_API_KEY|CONNECTED_ACCOUNTS/);
      expect(volumeOf(job, "sources"), name).to.deep.include({ secretName: "my-sources" });
      expect(volumeOf(job, "sources"), name).to.not.have.property("items");
      expect(job.metadata.labels["app.kubernetes.io/component"]).to.equal(name);
    }
    const ofDefault = JSON.stringify(objects.get("CronJob/takings-reconcile"));
    expect(ofDefault).to.include("STRIPE_API_KEY_FILE").and.not.include("SOURCES");
  });

  it("are known to the toolbox, with their API keys", async () => {
    const objects = await render({ values: { stripe, toolbox: { enabled: true } } });
    const toolbox = objects.get("Deployment/takings-toolbox") as Rendered;
    expect(podOf(toolbox).containers[0].env).to.deep.include(file);
    expect(JSON.stringify(podOf(toolbox).containers[0].env)).to.not.include("STRIPE_API_KEY");
    expect(volumeOf(toolbox, "sources")).to.not.have.property("items");
  });

  it("may be all there are", async () => {
    const values = { stripe: { ...stripe, existingSecret: "" } };
    const ingress = (await render({ values })).get("Deployment/takings-ingress") as Rendered;
    expect(JSON.stringify(podOf(ingress).containers[0].env)).to.not.include("WEBHOOK_SECRETS");
    expect(volumeOf(ingress, "stripe")).to.equal(undefined);
  });

  it("alone are what helm test sends to, by the first of them", async () => {
    const objects = await render({ values: { stripe: { ...stripe, existingSecret: "" } } });
    const pod = objects.get("Pod/takings-test") as Rendered;
    expect(podOf(pod).containers[0].env).to.deep.include(file);
    const sources = join(mkdtempSync(join(tmpdir(), "takings-sources-")), "sources.json");
    writeFileSync(sources, JSON.stringify({ "shop-eu": { webhook_secrets: ["whsec_eu"] } }));
    const requests = await runHelmTest(pod, { STRIPE_SOURCES_FILE: sources });
    expect(requests.map(({ line }) => line)).to.deep.equal([
      "POST /webhooks/stripe/shop-eu",
      "GET /v1/revenue?livemode=false&account=A&source=shop-eu",
    ]);
  });

  it("must have a file, and without any source the chart says what to set", async () => {
    expect(await rejection({ reconcile: { enabled: true, sources: ["shop-eu"] } })).to.include(
      "reconcile.sources names further sources, but stripe.sources.existingSecret is empty",
    );
    expect(await rejection({ stripe: { existingSecret: "" } })).to.include("stripe.existingSecret is empty");
    expect(await rejection({ balanceSync: { sources: ["Shop"] } })).to.match(/balanceSync/);
  });
});
