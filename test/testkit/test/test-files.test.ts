import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { roundsOf, testFiles } from "../src/test-files.ts";

describe("the order of the tests", () => {
  it("is packages first, then services, then end-to-end tests", () => {
    const root = mkdtempSync(join(tmpdir(), "takings-order-"));
    const files = [
      "test/end-to-end/runbooks-nats.test.ts",
      "test/end-to-end/whole.test.ts",
      "services/ingress/test/a.test.ts",
      "packages/postgres/test/a.test.ts",
      "packages/domain/test/deep/b.test.ts",
      "packages/domain/test/a.test.ts",
      "packages/domain/node_modules/@takings/x/test/a.test.ts",
      "packages/domain/test/fixture.ts",
      "test/browser/a.test.ts",
      "test/cluster/chart/a.test.ts",
      "test/telemetry/a.test.ts",
    ];
    for (const file of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), "");
    }
    expect(testFiles(root)).to.deep.equal([
      "packages/domain/test/a.test.ts",
      "packages/domain/test/deep/b.test.ts",
      "packages/postgres/test/a.test.ts",
      "services/ingress/test/a.test.ts",
      "test/end-to-end/whole.test.ts",
    ]);
    // These take long and have a command of their own.
    expect(testFiles(root, "runbooks")).to.deep.equal(["test/end-to-end/runbooks-nats.test.ts"]);
    rmSync(root, { recursive: true, force: true });
  });

  it("is kept within rounds; each file is in one round, the last files in the first rounds", () => {
    expect(roundsOf(["a", "b", "c", "d", "e"], 2)).to.deep.equal([
      ["a", "c", "e"],
      ["b", "d"],
    ]);
    expect(roundsOf(["a", "b", "c", "d"], 3)).to.deep.equal([["a", "d"], ["c"], ["b"]]);
    expect(roundsOf(["a", "b"], 3)).to.deep.equal([["b"], ["a"]]);
  });
});
