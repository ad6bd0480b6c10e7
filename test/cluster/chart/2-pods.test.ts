import { expect } from "chai";
import { before, describe, it } from "mocha";
import { configurations, type Manifest, podOf, type Rendered, render } from "../src/render.ts";

describe("every pod of both charts", function () {
  this.timeout(60_000);

  const pods: { readonly name: string; readonly pod: Manifest }[] = [];
  before(async () => {
    const everything = configurations().find((file) => file.includes("everything")) ?? "";
    const rendered = [await render({ valuesFile: everything }), await render({ chart: "stack" })];
    for (const objects of rendered)
      for (const [name, object] of objects) if (podOf(object)) pods.push({ name, pod: podOf(object) });
    expect(pods.map(({ name }) => name)).to.include.members([
      "Deployment/takings-ingress",
      "Job/takings-migrate",
      "CronJob/takings-reconcile",
      "Pod/takings-test",
      "StatefulSet/takings-nats",
      "StatefulSet/takings-postgres",
    ]);
  });

  it("meets the restricted Pod Security standard and has a read-only root file system", () => {
    for (const { name, pod } of pods) {
      expect(pod.securityContext, name).to.deep.include({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(pod.securityContext.runAsUser, name).to.be.above(0);
      for (const container of pod.containers)
        expect(container.securityContext, name).to.deep.equal({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
    }
  });

  it("mounts no service account token and has no service links", () => {
    for (const { name, pod } of pods)
      expect(pod, name).to.include({ automountServiceAccountToken: false, enableServiceLinks: false });
  });

  it("requests CPU and memory and limits memory", () => {
    for (const { name, pod } of pods)
      for (const { resources } of pod.containers) {
        expect(resources.requests, name).to.have.keys("cpu", "memory");
        expect(resources.limits, name).to.have.property("memory");
      }
  });

  it("has no password in its specification", () => {
    for (const { name, pod } of pods)
      for (const { env = [] } of pod.containers)
        for (const { name: variable, value } of env)
          if (/PASSWORD|DATABASE_URL|SECRETS$|TOKENS$/.test(variable))
            expect(value, `${name} ${variable}`).to.equal(undefined);
  });

  it("sets no environment variable twice, which server-side apply rejects", () => {
    for (const { name, pod } of pods)
      for (const { env = [] } of pod.containers) {
        const names = env.map((variable: { name: string }) => variable.name);
        expect(new Set(names).size, name).to.equal(names.length);
      }
  });
});

describe("pods of the services", function () {
  this.timeout(60_000);

  it("have separate startup, liveness and readiness probes", async () => {
    const objects = await render();
    for (const service of ["ingress", "consumer", "revenue-query"]) {
      const [container] = podOf(objects.get(`Deployment/takings-${service}`) as Rendered).containers;
      const { startupProbe, livenessProbe, readinessProbe } = container;
      expect(startupProbe.httpGet.path).to.equal("/livez");
      expect(livenessProbe.httpGet.path).to.equal("/livez");
      expect(readinessProbe.httpGet.path).to.equal("/readyz");
      // An outage of a dependency must make a pod unready soon and must not restart it.
      expect(readinessProbe.periodSeconds * readinessProbe.failureThreshold).to.be.at.most(10);
      expect(livenessProbe.periodSeconds * livenessProbe.failureThreshold).to.be.at.least(60);
    }
  });

  it("keep serving before they stop, and have a grace period longer than their drain timeout", async () => {
    const objects = await render();
    // The drain timeouts of services/*/src/main.ts, in seconds.
    for (const [service, drainTimeout] of [
      ["ingress", 25],
      ["consumer", 40],
      ["revenue-query", 20],
    ] as const) {
      const pod = podOf(objects.get(`Deployment/takings-${service}`) as Rendered);
      const linger = pod.containers[0].lifecycle?.preStop.sleep.seconds ?? 0;
      expect(pod.terminationGracePeriodSeconds).to.be.at.least(drainTimeout + linger + 5);
      expect(linger).to.equal(service === "consumer" ? 0 : 5);
    }
  });

  it("see only their own credentials", async () => {
    const objects = await render();
    const secretsOf = (name: string): (string | undefined)[] => {
      const text = JSON.stringify(podOf(objects.get(name) as Rendered));
      const fromEnv = [...text.matchAll(/"secretKeyRef":(\{[^}]*\})/g)].map(([, ref = ""]) =>
        JSON.parse(ref),
      );
      const fromFiles = [...text.matchAll(/"secretName":"([^"]*)"/g)].map(([, secret]) => secret);
      return [...fromEnv.map(({ name: secret, key }) => `${secret}/${key}`), ...fromFiles].toSorted(
        (a = "", b = "") => a.localeCompare(b),
      );
    };
    expect(secretsOf("Deployment/takings-ingress")).to.deep.equal(["takings-nats/ingress", "takings-stripe"]);
    expect(secretsOf("Deployment/takings-consumer")).to.deep.equal([
      "takings-nats/consumer",
      "takings-postgres/consumer",
    ]);
    expect(secretsOf("Deployment/takings-revenue-query")).to.deep.equal([
      "takings-api",
      "takings-postgres/query",
    ]);
    expect(secretsOf("Job/takings-migrate")).to.deep.equal(["takings-postgres/migrator"]);
    expect(secretsOf("Job/takings-stream")).to.deep.equal(["takings-nats/admin"]);
  });

  it("accept any field of Kubernetes as an override", async () => {
    const ingress = {
      env: { LOG_LEVEL: "debug", EXTRA: { valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } } },
      pod: { terminationGracePeriodSeconds: 90, tolerations: [{ operator: "Exists" }] },
      container: { lifecycle: { preStop: { sleep: { seconds: 20 } } } },
    };
    const pod = podOf((await render({ values: { ingress } })).get("Deployment/takings-ingress") as Rendered);
    expect(pod).to.deep.include({ terminationGracePeriodSeconds: 90, tolerations: [{ operator: "Exists" }] });
    expect(pod.containers[0].lifecycle.preStop.sleep.seconds).to.equal(20);
    expect(pod.containers[0].env).to.deep.include({ name: "LOG_LEVEL", value: "debug" });
    expect(pod.containers[0].env).to.deep.include({ name: "EXTRA", ...ingress.env.EXTRA });
  });
});
