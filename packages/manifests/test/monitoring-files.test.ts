import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { generatedFiles } from "../src/generated-files.ts";
import { alerts, ruleFile, ruleText } from "../src/monitoring/rule-file.ts";

const read = (path: string): string => readFileSync(join(projectRoot(), path), "utf8");

describe("dashboards and rules", () => {
  it("are all that lies beside them: nothing is left of one that is no longer made", () => {
    const kept = globSync("charts/takings/files/{rules.yaml,dashboards/*}", { cwd: projectRoot() });
    const made = generatedFiles().map(({ path }) => path);
    expect(kept.toSorted()).to.deep.equal(
      made.filter((path) => path.startsWith("charts/takings/files/")).toSorted(),
    );
  });

  it("say in YAML what they are made of", () => {
    expect(parse(ruleText())).to.deep.equal(JSON.parse(JSON.stringify(ruleFile())));
  });
});

describe("an alert", () => {
  for (const { name } of alerts) {
    it(`has a runbook that says what it means, what to run first and when it is over: ${name}`, () => {
      const path = `docs/runbooks/${name}.md`;
      expect(existsSync(join(projectRoot(), path)), path).to.equal(true);
      const headings = read(path)
        .split("\n")
        .filter((line) => line.startsWith("#"));
      expect(headings).to.deep.equal([`# ${name}`, "## What it means", "## First", "## When it is over"]);
    });
  }

  it("is what each runbook of that form is about", () => {
    const runbooks = globSync("docs/runbooks/Takings*.md", { cwd: projectRoot() });
    const about = runbooks.map((path) => basename(path, ".md")).toSorted();
    expect(about).to.deep.equal(alerts.map(({ name }) => name).toSorted());
  });
});
