import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findNatsServer } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { productionResource, productionValues } from "../src/production.ts";
import { charts, type Manifest } from "../src/render.ts";
import { runProgram } from "../src/run-program.ts";

const gibibyte = 2 ** 30;
const sizeOf = (text: string): number => Number(/^(\d+)Gi$/.exec(text)?.[1]) * gibibyte;

describe("the values of the nats chart in k8s/production", function () {
  this.timeout(180_000);
  const values = productionValues("nats-values.yaml");
  const users = productionValues("nats-users.yaml");

  it("give a configuration that nats-server accepts, with the passwords of its environment", async () => {
    const { code, stderr } = await checked(configurationOf(values, users), passwordsOf(users));
    expect(stderr).to.include("is valid");
    expect(code).to.equal(0);
  });

  it("give a configuration that nats-server rejects without a password", async () => {
    const { NATS_NACK_PASSWORD: _, ...others } = passwordsOf(users);
    const { code, stderr } = await checked(configurationOf(values, users), others);
    expect(code).to.not.equal(0);
    expect(stderr).to.include("NATS_NACK_PASSWORD");
  });

  it("let the stream grow to its limit, and refuse events before the volume is full", () => {
    const { maxSize, pvc } = values.config.jetstream.fileStore;
    expect(sizeOf(maxSize)).to.be.above(productionResource("Stream").spec.maxBytes * 1.2);
    expect(sizeOf(maxSize)).to.be.at.most(sizeOf(pvc.size) * 0.8);
  });

  it("sync before they confirm, on as many servers as the stream and ingress need", () => {
    const { replicas } = productionResource("Stream").spec;
    expect(values.config.jetstream.merge.sync_interval).to.equal("always");
    expect(values.config.cluster.replicas).to.equal(replicas);
    expect(productionValues("takings-values.yaml").ingress.requireStreamReplicas).to.equal(replicas);
  });

  it("have the image that the stack has, which is new enough", () => {
    const stack = parse(readFileSync(join(charts.stack, "values.yaml"), "utf8"));
    expect(stack.nats.image).to.equal(`nats:${values.container.image.tag}`);
  });

  it("run every container as the Pod Security Standard `restricted` wants it", () => {
    const contexts = [values.container, values.reloader, values.promExporter, values.natsBox.container];
    for (const { merge } of contexts)
      expect(merge.securityContext).to.deep.include({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
    for (const { merge } of [values.podTemplate, values.natsBox.podTemplate])
      expect(merge.spec.securityContext).to.deep.include({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
  });
});

function passwordsOf({ container }: Manifest): Record<string, string> {
  const names = Object.keys(container.env);
  return Object.fromEntries(names.map((name, index) => [name, `p${index}0123456789abcdef`]));
}

/**
 * The configuration as the chart writes it: JSON in which `"<< text >>"` becomes `text`. TLS is left out, because the server
 * would read its certificates. nats-io/k8s, helm/charts/nats, files/config/*.yaml and templates/config-map.yaml.
 */
function configurationOf(values: Manifest, users: Manifest): string {
  const { jetstream, merge } = values.config;
  const configuration = {
    ...merge,
    ...users.config.merge,
    port: 4222,
    http_port: 8222,
    server_name: "nats-0",
    jetstream: {
      store_dir: "/tmp/takings-unused",
      max_file_store: `<< ${jetstream.fileStore.maxSize} >>`,
      max_memory_store: 0,
      ...jetstream.merge,
    },
    cluster: { name: "nats", port: 6222, no_advertise: true, routes: ["nats://nats-0.nats-headless:6222"] },
  };
  return JSON.stringify(configuration, undefined, 2).replaceAll(/"<< (.*?) >>"/g, "$1");
}

async function checked(
  configuration: string,
  passwords: Readonly<Record<string, string>>,
): ReturnType<typeof runProgram> {
  const server = await findNatsServer({ env: process.env, say: () => undefined });
  const dir = mkdtempSync(join(tmpdir(), "takings-nats-"));
  const file = join(dir, "nats.conf");
  writeFileSync(file, configuration);
  const environment = Object.entries(passwords).map(([name, password]) => `${name}=${password}`);
  try {
    return await runProgram("env", ["-i", ...environment, server, "-t", "-c", file]);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
