import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { lanesOf, testFiles } from "../src/test-files.ts";

describe("the order of the tests", () => {
  it("goes from the fast packages through the services to the whole", () => {
    const root = mkdtempSync(join(tmpdir(), "takings-order-"));
    const files = [
      "test/whole.test.ts",
      "services/ingress/test/a.test.ts",
      "packages/postgres/test/a.test.ts",
      "packages/domain/test/deep/b.test.ts",
      "packages/domain/test/a.test.ts",
      "packages/domain/node_modules/@takings/x/test/a.test.ts",
      "packages/domain/test/fixture.ts",
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
      "test/whole.test.ts",
    ]);
    rmSync(root, { recursive: true, force: true });
  });

  it("is kept in each of the lanes that run side by side, and each file is in one of them", () => {
    const lanes = lanesOf(["a", "b", "c", "d", "e"], 2);
    expect(lanes).to.deep.equal([
      ["a", "c", "e"],
      ["b", "d"],
    ]);
  });
});
