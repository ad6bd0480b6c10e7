import { expect } from "chai";
import { describe, it } from "mocha";
import { type Rendered, render } from "../src/render.ts";

/** Everything that has a name. */
const everything = {
  migration: { hook: false },
  stream: { hook: false },
  payloadPrune: { enabled: true },
  stripe: { sources: { existingSecret: "sources" } },
  reconcile: { enabled: true, sources: ["default", "a-source-whose-name-has-forty-characters"] },
  balanceSync: { enabled: true, sources: ["default", "a-source-whose-name-has-forty-characters"] },
  endpointWatch: { enabled: true, url: "https://hooks.example.com/webhooks/stripe" },
  toolbox: { enabled: true },
  networkPolicy: { enabled: true },
  consumer: { autoscaling: { enabled: true } },
  ingress: {
    autoscaling: { enabled: true },
    httpRoute: { enabled: true, parentRefs: [{ name: "gateway" }] },
  },
  monitoring: {
    serviceMonitor: { enabled: true },
    prometheusRule: { enabled: true },
    dashboards: { enabled: true },
  },
};

/** A CronJob adds 11 characters to the names of its Jobs: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ */
const longest = ({ kind }: Rendered): number => (kind === "CronJob" ? 52 : 63);

describe("names", function () {
  this.timeout(60_000);

  it("of the jobs of two sources are different, however late their own names differ", async () => {
    const sources = ["a-source-with-a-name-of-characters-1", "a-source-with-a-name-of-characters-2"];
    const values = { ...everything, reconcile: { enabled: true, sources } };
    const jobs = [...(await render({ release: "takings-of-thirty-eight-characters-eu1", values })).keys()];
    expect(jobs.filter((name) => /^CronJob.*-reconc/.test(name))).to.have.length(2);
  });

  // Helm itself allows 53 characters.
  const release = "payments-production-eu-central-1-blue-green-canary-01";
  for (const [what, options] of [
    ["the longest release name", { release, values: everything }],
    [
      "a long fullnameOverride",
      {
        values: {
          ...everything,
          fullnameOverride: "takings-of-the-payments-department-in-the-european-region-1",
        },
      },
    ],
  ] as const)
    it(`are within the limits of Kubernetes with ${what}`, async () => {
      for (const [name, object] of await render(options)) {
        expect(object.metadata.name.length, name).to.be.at.most(longest(object));
        expect(object.metadata.name, name).to.match(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      }
    });

  it("of two releases are different, however late their own names differ", async () => {
    const [one, other] = await Promise.all(
      [release, release.replace("01", "02")].map((each) => render({ release: each, values: everything })),
    );
    expect([...(one?.keys() ?? [])].filter((name) => other?.has(name))).to.deep.equal([]);
  });

  it("are the release and the component", async () => {
    for (const [name, prefix] of [
      ["takings", "takings"],
      ["shop", "shop-takings"],
      ["takings-of-thirty-eight-characters-eu1", "takings-of-thirty-eight-characters-eu1"],
    ] as const) {
      const objects = await render({ release: name, values: everything });
      expect([...objects.keys()]).to.include.members([
        `CronJob/${prefix}-payload-prune`,
        `Service/${prefix}-revenue-query-admin`,
      ]);
    }
  });

  it("of a release may be a number", async () => {
    const objects = await render({ release: "123", values: { fullnameOverride: "takings" } });
    const { selector, template } = objects.get("Deployment/takings-ingress")?.spec ?? {};
    expect(selector.matchLabels["app.kubernetes.io/instance"]).to.equal("123");
    expect(template.metadata.labels["app.kubernetes.io/instance"]).to.equal("123");
  });
});

describe("labels and annotations of all objects", function () {
  this.timeout(60_000);

  it("come from the values and leave the selectors as they are", async () => {
    const commonLabels = {
      team: "payments",
      "app.kubernetes.io/part-of": "billing",
      "app.kubernetes.io/name": "not-this",
    };
    const commonAnnotations = { "example.com/cost-center": "4711" };
    const plain = await render({ values: everything });
    for (const [name, object] of await render({
      values: { ...everything, commonLabels, commonAnnotations },
    })) {
      expect(object.metadata.labels, name).to.include({
        team: "payments",
        "app.kubernetes.io/part-of": "billing",
        "app.kubernetes.io/name": "takings",
      });
      if (!name.startsWith("Job/"))
        expect(object.spec?.selector, name).to.deep.equal(plain.get(name)?.spec?.selector);
      const { annotations } = object.metadata;
      expect(annotations, name).to.include(commonAnnotations);
    }
  });
});
