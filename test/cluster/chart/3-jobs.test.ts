import { expect } from "chai";
import { describe, it } from "mocha";
import { type Manifest, podOf, type Rendered, rejection, render, renderObject } from "../src/render.ts";

const everyJob = {
  purge: { enabled: true },
  payloadPrune: { enabled: true },
  reconcile: { enabled: true },
  balanceSync: { enabled: true },
  toolbox: { enabled: true },
};
const jobNames = [
  "Job/takings-migrate",
  "Job/takings-stream",
  "CronJob/takings-purger",
  "CronJob/takings-payload-prune",
  "CronJob/takings-reconcile",
  "CronJob/takings-balance-sync",
];

describe("all jobs", function () {
  this.timeout(60_000);

  it("and the pod of helm test take the values of `jobs`", async () => {
    const volume = { name: "proxy-ca", configMap: { name: "proxy-ca" } };
    const mount = { name: "proxy-ca", mountPath: "/etc/proxy" };
    const sidecar = { name: "proxy", image: "proxy:1.0.0", restartPolicy: "Always" };
    const jobs = {
      env: { HTTPS_PROXY: "http://proxy:3128" },
      pod: { nodeSelector: { pool: "jobs" } },
      container: { securityContext: { readOnlyRootFilesystem: false } },
      extraVolumes: [volume],
      extraVolumeMounts: [mount],
      initContainers: [sidecar],
      podLabels: { mesh: "off" },
      podAnnotations: { "example.com/inject": "false" },
      annotations: { "example.com/owner": "payments" },
    };
    const objects = await render({ values: { ...everyJob, jobs } });
    for (const name of [...jobNames, "Pod/takings-test"]) {
      const object = objects.get(name) as Rendered;
      const pod = podOf(object);
      const [container] = pod.containers;
      expect(pod.nodeSelector, name).to.deep.equal(jobs.pod.nodeSelector);
      expect(pod.volumes, name).to.deep.include(volume);
      expect(pod.initContainers, name).to.deep.equal([sidecar]);
      expect(container.env, name).to.deep.include({ name: "HTTPS_PROXY", value: "http://proxy:3128" });
      expect(container.volumeMounts, name).to.deep.include(mount);
      expect(container.securityContext, name).to.deep.include({
        readOnlyRootFilesystem: false,
        capabilities: { drop: ["ALL"] },
      });
      const own = name.startsWith("Pod/") ? object : (object.spec.jobTemplate?.spec ?? object.spec).template;
      expect(own.metadata.labels, name).to.include(jobs.podLabels);
      expect(own.metadata.annotations, name).to.include(jobs.podAnnotations);
      if (!name.startsWith("Pod/")) expect(object.metadata.annotations, name).to.include(jobs.annotations);
    }
    const ingress = JSON.stringify(objects.get("Deployment/takings-ingress"));
    expect(ingress).to.not.match(/proxy|mesh|example\.com/);
  });

  it("use a service account of the chart that exists as long as their pods", async () => {
    for (const hook of [true, false]) {
      const values = { ...everyJob, migration: { hook }, stream: { hook } };
      const objects = await render({ values });
      for (const [name, object] of objects) {
        const account = podOf(object)?.serviceAccountName;
        if (account === undefined) continue;
        const found = objects.get(`ServiceAccount/${account}`);
        const isHook = object.metadata.annotations?.["helm.sh/hook"] === "pre-install,pre-upgrade";
        expect(found?.metadata.annotations?.["helm.sh/hook"] !== undefined, name).to.equal(isHook);
        expect(found, name).to.not.equal(undefined);
      }
    }
  });

  it("use an existing service account, of their own or of all pods", async () => {
    for (const values of [
      { jobs: { serviceAccountName: "own" } },
      { serviceAccountName: "all", jobs: { serviceAccountName: "own" } },
      { serviceAccountName: "all" },
    ]) {
      const objects = await render({ values: { ...everyJob, ...values } });
      const expected = values.jobs?.serviceAccountName ?? "all";
      for (const name of [...jobNames, "Pod/takings-test"])
        expect(podOf(objects.get(name) as Rendered).serviceAccountName, name).to.equal(expected);
      expect([...objects.keys()].filter((name) => /^ServiceAccount.*(jobs|hooks)$/.test(name))).to.deep.equal(
        [],
      );
    }
  });
});

/** The migration as a plain Job. */
async function plainJob(values: object = {}): Promise<Rendered> {
  const more = values as { migration?: object };
  const objects = await render({ values: { ...values, migration: { ...more.migration, hook: false } } });
  const job = [...objects.values()].find(
    ({ kind, metadata }) => kind === "Job" && metadata.name.includes("migrate"),
  );
  if (job === undefined) throw new Error("The migration is not rendered");
  return job;
}

describe("one-off jobs", function () {
  this.timeout(60_000);

  it("are hooks that run first, the migration before the stream, and use no object of the chart", async () => {
    const migrate = await renderObject("Job/takings-migrate");
    const stream = await renderObject("Job/takings-stream");
    expect(migrate.metadata.annotations).to.include({
      "helm.sh/hook": "pre-install,pre-upgrade",
      "helm.sh/hook-weight": "0",
    });
    expect(Number(stream.metadata.annotations?.["helm.sh/hook-weight"])).to.be.above(0);
    const account = await renderObject("ServiceAccount/takings-hooks");
    expect(account.metadata.annotations).to.deep.equal({
      "helm.sh/hook": "pre-install,pre-upgrade",
      "helm.sh/hook-weight": "-5",
      "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    });
    for (const { spec } of [migrate, stream]) {
      expect(spec.template.spec.serviceAccountName).to.equal("takings-hooks");
      expect(JSON.stringify(spec)).to.not.include("configMap");
    }
  });

  it("are plain Jobs when hooks are disabled, and use the account of the other jobs", async () => {
    const { metadata, spec } = await plainJob();
    expect(metadata).to.not.have.property("annotations");
    expect(spec).to.include({
      backoffLimit: 10,
      activeDeadlineSeconds: 600,
      ttlSecondsAfterFinished: 86_400,
    });
    expect(spec.template.spec.serviceAccountName).to.equal("takings-jobs");
  });

  it("are other Jobs when the pod is another, because the pod of a Job is immutable", async () => {
    const named = async (values: object): Promise<string> => (await plainJob(values)).metadata.name;
    expect(await named({})).to.match(/^takings-migrate-[0-9a-f]{8}$/);
    expect(await named({})).to.equal(
      await named({ migration: { backoffLimit: 3 }, ingress: { replicas: 5 } }),
    );
    const changes = [
      { image: { tag: "1.2.3" } },
      { jobs: { env: { A: "b" } } },
      { commonLabels: { team: "payments" } },
      { migration: { resources: { limits: { memory: "1Gi" } } } },
    ];
    const others = await Promise.all([{}, ...changes].map(named));
    expect(new Set(others).size).to.equal(others.length);
  });

  it("have resources of their own", async () => {
    const resources = { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "1Gi" } };
    const { spec } = await renderObject("Job/takings-stream", { stream: { resources } });
    expect(spec.template.spec.containers[0].resources).to.deep.equal(resources);
  });

  it("do not create the stream when an operator owns it", async () => {
    const objects = await render({ values: { stream: { enabled: false } } });
    expect([...objects.keys()]).to.not.include("Job/takings-stream");
  });
});

describe("scheduled jobs", function () {
  this.timeout(60_000);

  const enabled = {
    purge: { enabled: true },
    payloadPrune: { enabled: true },
    reconcile: { enabled: true },
    balanceSync: { enabled: true },
  };

  it("run commands of takings and never overlap", async () => {
    for (const [name, args] of [
      ["purger", ["purge"]],
      ["payload-prune", ["payloads", "prune"]],
      ["reconcile", ["reconcile"]],
      ["balance-sync", ["balance", "sync"]],
    ] as const) {
      const { spec } = await renderObject(`CronJob/takings-${name}`, enabled);
      expect(spec.concurrencyPolicy).to.equal("Forbid");
      expect(spec.jobTemplate.spec.template.spec.containers[0].args).to.deep.equal(args);
    }
  });

  it("have their own logins, and Stripe's key in a file", async () => {
    const envOf = async (name: string): Promise<string> =>
      JSON.stringify(
        (await renderObject(`CronJob/takings-${name}`, enabled)).spec.jobTemplate.spec.template.spec
          .containers[0].env,
      );
    expect(await envOf("purger"))
      .to.include('"key":"purger"')
      .and.include('"key":"purge"');
    expect(await envOf("payload-prune"))
      .to.include('"key":"prune"')
      .and.not.include("NATS");
    for (const name of ["reconcile", "balance-sync"])
      expect(await envOf(name), name)
        .to.include("STRIPE_API_KEY_FILE")
        .and.include('"key":"reconcile"');
  });

  it("read the balances of the accounts of the values", async () => {
    const envWith = async (balanceSync: object): Promise<Manifest[]> => {
      const values = { stripe: { accountId: "acct_1" }, balanceSync: { enabled: true, ...balanceSync } };
      const object = await renderObject("CronJob/takings-balance-sync", values);
      return podOf(object).containers[0].env;
    };
    expect(await envWith({ accounts: ["acct_2", "acct_3"], overlap: "7d" })).to.deep.include.members([
      { name: "STRIPE_ACCOUNT_ID", value: "acct_1" },
      { name: "STRIPE_CONNECTED_ACCOUNTS", value: "acct_2,acct_3" },
      { name: "BALANCE_OVERLAP", value: "7d" },
    ]);
    expect(JSON.stringify(await envWith({})))
      .to.include('{"name":"BALANCE_OVERLAP","value":"3d"}')
      .and.not.include("STRIPE_CONNECTED_ACCOUNTS");
  });

  it("have no account that is not one, and no overlap without a unit", async () => {
    for (const balanceSync of [{ accounts: ["cus_1"] }, { overlap: "3" }])
      expect(await rejection({ balanceSync: { enabled: true, ...balanceSync } })).to.include("balanceSync");
  });

  it("have the schedule and the limits of the values", async () => {
    const reconcile = {
      enabled: true,
      schedule: "0 4 * * *",
      timeZone: "Europe/Berlin",
      suspend: true,
      activeDeadlineSeconds: 2_000_000,
      successfulJobsHistoryLimit: 5,
      failedJobsHistoryLimit: 7,
    };
    const { spec } = await renderObject("CronJob/takings-reconcile", { reconcile });
    const { schedule, timeZone, suspend, successfulJobsHistoryLimit, failedJobsHistoryLimit } = reconcile;
    expect(spec).to.include({
      schedule,
      timeZone,
      suspend,
      successfulJobsHistoryLimit,
      failedJobsHistoryLimit,
    });
    expect(spec.jobTemplate.spec.activeDeadlineSeconds).to.equal(2_000_000);
    const purger = await renderObject("CronJob/takings-purger");
    expect(purger.spec).to.include({ suspend: false }).and.not.have.property("timeZone");
  });
});
