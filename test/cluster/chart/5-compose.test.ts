import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { parse } from "yaml";
import { type Manifest, type Rendered, render } from "../src/render.ts";
import { mustRun, runProgram } from "../src/run-program.ts";

const file = join(projectRoot(), "compose.yaml");
const { services } = parse(readFileSync(file, "utf8"), { merge: true });
const hasCompose = await runProgram("docker", ["compose", "version"]).then(
  ({ code }) => code === 0,
  () => false,
);

/** The values that compose.yaml uses in place of the chart's defaults. */
const values = {
  api: { allowAnonymous: true, defaultLivemode: false, rateLimitPerMinute: 0 },
};
/** Variables that exist only in a pod: references for other variables. */
const podOnly = ["K8S_NODE", "K8S_POD", "NATS_PASSWORD"];
const password = "${TAKINGS_PASSWORD:-takings}";

describe("compose.yaml", function () {
  this.timeout(60_000);
  let product: ReadonlyMap<string, Rendered>;
  let stack: ReadonlyMap<string, Rendered>;
  before(async () => {
    [product, stack] = await Promise.all([render({ values }), render({ chart: "stack" })]);
  });

  const podOf = (objects: ReadonlyMap<string, Rendered>, name: string): Manifest => {
    const spec = objects.get(name)?.spec;
    return (spec?.jobTemplate?.spec ?? spec)?.template.spec;
  };

  /** A variable as compose.yaml sets it: secrets are resolved and passwords are replaced. */
  function expected({ name, value, valueFrom }: Manifest): [name: string, value: string] {
    const { name: secret, key } = valueFrom?.secretKeyRef ?? {};
    const text: string = value ?? stack.get(`Secret/${secret}`)?.stringData?.[key];
    if (name === "STRIPE_WEBHOOK_SECRETS_FILE")
      return ["STRIPE_WEBHOOK_SECRETS", "${STRIPE_WEBHOOK_SECRETS:-whsec_local}"];
    if (name === "OTEL_RESOURCE_ATTRIBUTES") return [name, text.replace(/,k8s.*/, "")];
    if (name.endsWith("PASSWORD")) return [name, password];
    return [name, text.replace(/:[^:@]*@/, `:${password}@`)];
  }

  const variablesOf = ({ env = [] }: Manifest): Record<string, string> =>
    Object.fromEntries(env.filter(({ name }: Manifest) => !podOnly.includes(name)).map(expected));
  const environment = (objects: ReadonlyMap<string, Rendered>, name: string): Record<string, string> =>
    variablesOf(podOf(objects, name).containers[0]);

  for (const [service, object] of [
    ["ingress", "Deployment/takings-ingress"],
    ["consumer", "Deployment/takings-consumer"],
    ["revenue-query", "Deployment/takings-revenue-query"],
    ["migrate", "Job/takings-migrate"],
    ["stream", "Job/takings-stream"],
    ["purge", "CronJob/takings-purger"],
  ] as const)
    it(`runs ${service} with the command and the environment of the product chart`, () => {
      expect(services[service].command).to.deep.equal(podOf(product, object).containers[0].args);
      expect(services[service].environment).to.deep.equal(environment(product, object));
    });

  for (const service of ["ingress", "consumer", "revenue-query"])
    it(`gives ${service} the grace period of the product chart`, () => {
      const seconds = podOf(product, `Deployment/takings-${service}`).terminationGracePeriodSeconds;
      expect(services[service].stop_grace_period).to.equal(`${seconds}s`);
    });

  for (const [service, object] of [
    ["takings-nats", "StatefulSet/takings-nats"],
    ["takings-postgres", "StatefulSet/takings-postgres"],
    ["takings-prometheus", "Deployment/takings-prometheus"],
    ["takings-tempo", "Deployment/takings-tempo"],
    ["takings-grafana", "Deployment/takings-grafana"],
  ] as const)
    it(`runs ${service} with the command and the environment of the stack chart`, () => {
      const { command, args } = podOf(stack, object).containers[0];
      expect(services[service].command).to.deep.equal(command ?? args);
      expect(services[service].environment ?? {}).to.deep.equal(environment(stack, object));
    });

  it("creates the logins with the statement and the environment of the stack chart", () => {
    const { containers } = podOf(stack, "StatefulSet/takings-postgres");
    const roles = containers.find(({ name }: Manifest) => name === "roles");
    expect(roles.command.at(-1)).to.include(services.roles.command.join(" "));
    // In the chart the server is in the same pod.
    expect(services.roles.environment).to.deep.equal({ ...variablesOf(roles), PGHOST: "takings-postgres" });
  });

  it("mounts the data of each server where the stack chart does", () => {
    const objects = {
      "takings-tempo": "Deployment/takings-tempo",
      "takings-nats": "StatefulSet/takings-nats",
    };
    for (const [service, object] of Object.entries(objects)) {
      const { volumeMounts } = podOf(stack, object).containers[0];
      const { mountPath } = volumeMounts.find(({ name }: Manifest) => name === "data");
      const targets = services[service].volumes.map((volume: string) => volume.split(":")[1]);
      expect(targets, service).to.include(mountPath);
    }
  });

  if (hasCompose)
    it("is valid by docker compose config", async () => {
      await mustRun("docker", ["compose", "--file", file, "--profile", "*", "config", "--quiet"]);
    });
});
