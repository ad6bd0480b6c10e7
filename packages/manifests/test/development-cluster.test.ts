import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse, parseAllDocuments } from "yaml";

const root = projectRoot();
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The entry point of the development image. */
function developmentEntryPoint(): string[] {
  const stage = /^FROM \S+ AS dev\n([\s\S]*?)^FROM /m.exec(read("Dockerfile"))?.[1] ?? "";
  return JSON.parse(/^ENTRYPOINT (.+)$/m.exec(stage)?.[1] ?? "[]");
}

describe("the development cluster", () => {
  it("has the same nodes with and without a registry, of an image that cannot change", () => {
    const nodes = parse(read("k8s/kind.yaml")).nodes;
    const [, cluster] = parseAllDocuments(read("k8s/ctlptl.yaml")).map((document) => document.toJS());
    expect(cluster.kindV1Alpha4Cluster.nodes).to.deep.equal(nodes);
    for (const node of nodes) {
      expect(node.image).to.match(/^kindest\/node:v\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$/);
      expect(node).to.have.all.keys("role", "image");
    }
  });

  it("runs jobs with an image whose command ends when its work is done", async function () {
    this.timeout(30_000);
    const [, ...args] = developmentEntryPoint();
    const child = spawn(process.execPath, [...args, "--help"], {
      cwd: root,
      stdio: "ignore",
      timeout: 20_000,
      killSignal: "SIGKILL",
    });
    expect(await once(child, "close")).to.deep.equal([0, null]);
  });

  it("restarts a service when a file that it imports changes", () => {
    const values = parse(read("k8s/dev-values.yaml"), { merge: true });
    const [node, main] = developmentEntryPoint();
    for (const service of ["ingress", "consumer", "revenueQuery"])
      expect(values[service].container.command, service).to.deep.equal([node, "--watch", main]);
  });
});
