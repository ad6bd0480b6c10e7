import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { charts, configurations, render, renderText } from "../src/render.ts";
import { isInstalled, mustRun, runProgram } from "../src/run-program.ts";

const schemas = join(
  import.meta.dirname,
  "../schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json",
);
// kubeconform has no name for the group that has none.
const coreSchemas = join(
  import.meta.dirname,
  "../schemas/core/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json",
);
const conform = ["-strict", "-summary", "-schema-location", schemas, "-schema-location", coreSchemas];
const [hasScore, hasDocs] = await Promise.all([isInstalled("kube-score"), isInstalled("helm-docs")]);

describe("the charts", function () {
  this.timeout(60_000);

  for (const file of configurations()) {
    it(`pass helm lint --strict with ${basename(file)}`, async () => {
      await mustRun("helm", ["lint", "--strict", charts.product, "--values", file]);
    });

    it(`render what the API servers' own schemas allow with ${basename(file)}`, async () => {
      const manifest = await renderText({ valuesFile: file });
      expect(await mustRun("kubeconform", conform, { input: manifest })).to.match(
        /Invalid: 0, Errors: 0, Skipped: 0/,
      );
    });
  }

  it("pass helm lint --strict, the stack too", async () => {
    await mustRun("helm", ["lint", "--strict", charts.stack]);
  });

  it("render what the API servers' own schemas allow, the stack too", async () => {
    const manifest = await renderText({ chart: "stack" });
    expect(await mustRun("kubeconform", conform, { input: manifest })).to.match(
      /Invalid: 0, Errors: 0, Skipped: 0/,
    );
  });

  it("are held against schemas that do refuse (a field too many)", async () => {
    const manifest = (await renderText()).replace("revisionHistoryLimit:", "revisionHistoryLimits:");
    const { code, stdout } = await runProgram("kubeconform", conform, { input: manifest });
    expect(code).to.not.equal(0);
    expect(stdout).to.include("revisionHistoryLimits");
  });

  it("carry the version of the product", () => {
    const { version } = JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8"));
    for (const chart of Object.values(charts))
      expect(parse(readFileSync(join(chart, "Chart.yaml"), "utf8")).appVersion).to.equal(version);
  });

  it("never use an image without a version", async () => {
    for (const chart of ["product", "stack"] as const) {
      for (const object of (await render({ chart })).values()) {
        for (const { image } of object.spec?.template?.spec.containers ?? [])
          expect(image).to.match(/(:v?\d[^:]*|@sha256:[0-9a-f]{64})$/);
      }
    }
  });

  if (hasScore)
    it("have nothing that kube-score calls critical", async () => {
      // Policies are switched on here; limits of CPU and of ephemeral storage are left out on purpose (docs/decisions/0024).
      const ignored =
        "container-resources,container-ephemeral-storage-request-and-limit,container-image-pull-policy";
      const manifest = await renderText({
        values: { networkPolicy: { enabled: true }, consumer: { replicas: 2 } },
      });
      const args = ["score", "--output-format", "ci", "--ignore-test", ignored, "-"];
      const { stdout } = await runProgram("kube-score", args, { input: manifest });
      expect(stdout.split("\n").filter((line) => line.startsWith("[CRITICAL]"))).to.deep.equal([]);
    });

  if (hasDocs)
    it("have READMEs that say what their values are", async () => {
      for (const chart of Object.values(charts)) {
        const made = await mustRun("helm-docs", [
          "--chart-search-root",
          chart,
          "--dry-run",
          "--log-level",
          "error",
        ]);
        expect(made.trim()).to.equal(readFileSync(join(chart, "README.md"), "utf8").trim());
      }
    });
});

describe("k8s/production", function () {
  this.timeout(60_000);

  it("holds what the operators' own schemas allow", async () => {
    const files = ["postgres", "stream", "collector", "external-secrets", "namespace"];
    const paths = files.map((file) => join(projectRoot(), `k8s/production/${file}.yaml`));
    expect(await mustRun("kubeconform", [...conform, ...paths])).to.match(
      /Invalid: 0, Errors: 0, Skipped: 0/,
    );
  });

  it("has values that the chart takes", async () => {
    const objects = await render({ valuesFile: join(projectRoot(), "k8s/production/takings-values.yaml") });
    expect([...objects.keys()]).to.include.members([
      "ScaledObject/takings-consumer",
      "ServiceMonitor/takings",
    ]);
    expect([...objects.keys()]).to.not.include("Job/takings-stream");
  });
});
