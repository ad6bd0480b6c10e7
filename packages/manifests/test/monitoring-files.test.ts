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
  it("are the only files in their directory: no stale file is left", () => {
    const kept = globSync("charts/takings/files/{rules.yaml,dashboards/*}", { cwd: projectRoot() });
    const made = generatedFiles().map(({ path }) => path);
    expect(kept.toSorted()).to.deep.equal(
      made.filter((path) => path.startsWith("charts/takings/files/")).toSorted(),
    );
  });

  it("are equal to their source when parsed as YAML", () => {
    expect(parse(ruleText())).to.deep.equal(JSON.parse(JSON.stringify(ruleFile())));
  });
});

describe("each alert", () => {
  for (const { name } of alerts) {
    it(`has a runbook with Meaning, Impact, Diagnosis and Mitigation: ${name}`, () => {
      const path = `docs/runbooks/${name}.md`;
      expect(existsSync(join(projectRoot(), path)), path).to.equal(true);
      const headings = read(path)
        .split("\n")
        .filter((line) => line.startsWith("#"));
      expect(headings).to.deep.equal([
        `# ${name}`,
        "## Meaning",
        "## Impact",
        "## Diagnosis",
        "## Mitigation",
      ]);
    });
  }

  it("has a line in the index, which states its severity", () => {
    const index = read("docs/runbooks/README.md");
    const listed = [...index.matchAll(/^\| \[(Takings\w+)\]\(\1\.md\)\s*\| (\w+)/gm)];
    expect(listed.map(([, name, severity]) => `${name} ${severity}`)).to.have.members(
      alerts.map(({ name, severity }) => `${name} ${severity}`),
    );
  });

  it("exists for each runbook", () => {
    const runbooks = globSync("docs/runbooks/Takings*.md", { cwd: projectRoot() });
    const about = runbooks.map((path) => basename(path, ".md")).toSorted();
    expect(about).to.deep.equal(alerts.map(({ name }) => name).toSorted());
  });
});
