import { paymentEvent } from "@takings/simulator";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type Cluster, clusterPollMs, clusterTimeoutMs, secret } from "../src/cluster.ts";
import { fakeStripeKey, fakeStripeProgram, openFakeStripe, watchBesideFake } from "../src/fake-stripe.ts";
import {
  installed,
  installProduct,
  productChart,
  productValues,
  testProduct,
  uninstallProduct,
} from "../src/installation.ts";
import { settings } from "./settings.ts";

/** The product with the watch, and without a signing secret that somebody copied. */
const values = productValues(settings, {
  stripe: { existingSecret: "" },
  ingress: {
    replicas: 1,
    resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "384Mi" } },
  },
  consumer: { replicas: 1 },
  revenueQuery: { replicas: 1 },
  // The fake, which sends from the pod of the watch, is not Stripe outside the cluster.
  networkPolicy: { enabled: false },
  endpointWatch: watchBesideFake(settings.image),
});
const given = [secret("takings-stripe-endpoint", { STRIPE_API_KEY: fakeStripeKey }), fakeStripeProgram()];

describe("an installation whose endpoint is looked after", function () {
  this.timeout(600_000);
  let cluster: Cluster;
  before(async () => {
    ({ cluster } = await installed(settings));
    await uninstallProduct(cluster, ["--ignore-not-found"]);
    await cluster.kubectl(["delete", "secret", "takings-endpoint", "--ignore-not-found"]);
    for (const manifest of given) await cluster.apply(manifest);
    await installProduct(cluster, "install", productChart, values);
  });
  after(async () => {
    await uninstallProduct(cluster, ["--ignore-not-found"]);
    const names = ["secret/takings-stripe-endpoint", "secret/takings-endpoint", "configmap/fake-stripe"];
    await cluster.kubectl(["delete", ...names, "--ignore-not-found"]);
  });

  const signingSecret = (): Promise<string> =>
    cluster.kubectl([
      "get",
      "secret",
      "takings-endpoint",
      "--output",
      "jsonpath={.data.STRIPE_WEBHOOK_SECRETS}",
    ]);

  it("counts the first event that Stripe sends, without a copied secret", async () => {
    const { client } = await installed(settings);
    const run = `watch${Date.now().toString(36)}`;
    await openFakeStripe(cluster).send(paymentEvent({ id: `evt_${run}`, amount: 4_321, currency: "eur" }));
    const payment = `http://takings-revenue-query:8081/v1/payments/pi_${run}`;
    const counted = async (): Promise<readonly unknown[]> => JSON.parse(await client.get(payment)).entries;
    const entries = await eventually("the payment", counted, clusterTimeoutMs, clusterPollMs);
    expect(entries).to.have.length(1);
  });

  it("passes helm test, and keeps its signing secret in an upgrade", async () => {
    const before = await signingSecret();
    expect(before).to.not.equal("");
    await installProduct(cluster, "upgrade", productChart, values);
    expect(await signingSecret()).to.equal(before);
    expect(await testProduct(cluster)).to.match(/^Phase: +Succeeded$/m);
  });

  it("tells by an Event that Stripe disabled the endpoint, and enables it again", async () => {
    const stripe = openFakeStripe(cluster);
    await stripe.disableAll();
    const about = ["--field-selector=involvedObject.name=takings-endpoint,reason=Disabled", "--output=name"];
    const isTold = async (): Promise<boolean> => (await cluster.kubectl(["get", "events", ...about])) !== "";
    await eventually("the Event", isTold, clusterTimeoutMs, clusterPollMs);
    const isEnabled = async (): Promise<boolean> => (await stripe.statuses()).join() === "enabled";
    await eventually("the endpoint", isEnabled, clusterTimeoutMs, clusterPollMs);
  });

  it("keeps its signing secret when the release is uninstalled", async () => {
    await uninstallProduct(cluster);
    expect(await signingSecret()).to.not.equal("");
  });
});
