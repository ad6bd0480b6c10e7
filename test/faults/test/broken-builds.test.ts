import { execFile } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import type { RecordedPatch } from "./test-programs/recorded-patches.ts";

type Patch = RecordedPatch & { readonly build: string };

const root = join(import.meta.dirname, "../../..");
const modules = globSync("{packages,services}/*/src/**/*.ts", { cwd: root }).map((path) => `/${path}`);

describe("the broken builds", () => {
  let patches: readonly Patch[];
  before(async () => {
    const program = join(import.meta.dirname, "test-programs/record-patches.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    patches = JSON.parse(stdout) as Patch[];
  });

  it("all change the product, except one that changes the clock", () => {
    const builds = readdirSync(join(root, "test/faults/broken")).filter((name) => name.endsWith(".ts"));
    const changing = new Set(patches.map(({ build }) => build));
    const others = builds.filter((build) => !changing.has(build));
    expect(others).to.have.members(["patch-modules.ts", "wall-clock-durations.ts"]);
  });

  it("quote passages that occur exactly once in exactly one module", () => {
    const stale = patches.flatMap((patch) => {
      if (!("file" in patch)) return [];
      const texts = modules.filter((path) => path.endsWith(patch.file)).map((path) => readModule(path));
      const isQuotedOnce = texts.length === 1 && texts[0]?.split(patch.original).length === 2;
      return isQuotedOnce ? [] : [`${patch.build}: "${patch.original}" in ${patch.file}`];
    });
    expect(stale).to.deep.equal([]);
  });

  it("replace packages by modules that exist", () => {
    const missing = patches.filter(
      (patch) => "replacedBy" in patch && !existsSync(new URL(patch.replacedBy)),
    );
    expect(missing).to.deep.equal([]);
  });
});

function readModule(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
