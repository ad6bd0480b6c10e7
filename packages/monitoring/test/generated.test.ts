import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { alertCases } from "../proof/alert-cases.ts";
import { monitoringFiles } from "../src/monitoring-files.ts";
import { alerts, ruleFile, ruleText } from "../src/rule-file.ts";

const read = (path: string): string => readFileSync(join(projectRoot(), path), "utf8");

describe("dashboards and rules", () => {
  for (const [path, text] of Object.entries(monitoringFiles())) {
    it(`are in ${path} as \`pnpm monitoring\` makes them`, () => {
      expect(read(path)).to.equal(text);
    });
  }

  it("are all that lies beside them: nothing is left of one that is no longer made", () => {
    const kept = globSync("charts/takings/files/{rules.yaml,dashboards/*}", { cwd: projectRoot() });
    expect(kept.toSorted()).to.deep.equal(Object.keys(monitoringFiles()).toSorted());
  });

  it("say in YAML what they are made of", () => {
    expect(parse(ruleText())).to.deep.equal(JSON.parse(JSON.stringify(ruleFile())));
  });
});

describe("an alert", () => {
  for (const { name } of alerts) {
    it(`has a case in which it fires and one in which it is silent: ${name}`, () => {
      const outcomes = new Set(alertCases.filter(({ alert }) => alert === name).map(({ fires }) => fires));
      expect(outcomes).to.deep.equal(new Set([true, false]));
    });

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
