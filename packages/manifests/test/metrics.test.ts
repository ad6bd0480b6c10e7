import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";

const read = (path: string): string => readFileSync(join(projectRoot(), path), "utf8");

describe("the tables of metrics", () => {
  it("hold every metric that a service registers, and no others", () => {
    const files = globSync("{services/*/src,packages/runtime/src,packages/cli/src/endpoint}/**/*.ts", {
      cwd: projectRoot(),
    });
    const registered = files.flatMap((path) =>
      [...read(path).matchAll(/(?:name: |gauge\(\s*)"(takings_\w+)"/g)].map(([, name = ""]) => name),
    );
    const rows = read("docs/metrics.md")
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    const listed = rows.map((row) => /^\| `(takings_\w+)/.exec(row)?.[1] ?? row);
    expect(listed.toSorted()).to.deep.equal(registered.toSorted());
  });
});
